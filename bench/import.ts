import { population } from '../cli/population/population.ts';
import { importRows, startBenchMesh } from './mesh.ts';
import type { BenchOptions, Report } from './report.ts';

// The row "import with full validation": ImportResidents through the broker, as Disdukcapil, with every rule of the register
// and a record for each chunk. The rows are made before the clock starts, as making them costs as much as importing them.

const ROWS = 100_000;
const SEED = 2;

/** Measures one import into a register that already holds a city. */
export async function run({ say }: BenchOptions): Promise<Report> {
  const rows = [...population(SEED, ROWS)];
  const { mesh } = await startBenchMesh(0, say);
  try {
    const startMs = performance.now();
    const { accepted, rejected } = await importRows(mesh, rows);
    const seconds = (performance.now() - startMs) / 1000;
    return {
      bench: 'import with full validation',
      findings: [{ what: 'rate', measured: ROWS / seconds, unit: 'rows/s', budget: { least: 20_000 } }],
      notes: [`${accepted.toLocaleString('en')} rows were accepted and ${rejected.toLocaleString('en')} rejected.`],
    };
  } finally {
    await mesh.stop();
  }
}
