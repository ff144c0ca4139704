import { readFileSync } from 'node:fs';
import pg from 'pg';
import { Generator } from './load/client.ts';
import type { Target } from './load/connection.ts';
import type { Run } from './load/generator.ts';
import { type BenchMesh, startBenchMesh } from './mesh.ts';
import type { BenchOptions, Finding, Report } from './report.ts';
import { median } from './statistics.ts';

// Abuse: the tax office floods one broker with calls that are denied, as fast as it gets its answers, while Puskesmas ask
// for residents through the same broker. Rounds with and without the flood take turns.

const CALLERS = 4;
const ASKING = 8;
const FLOODING = 64;
const WARM_UP_SECONDS = 5;
/** Recorded one by one until the gate closes, for each 5 s, and one record a second that counts the rest. */
const MOST_RECORDS_PER_SECOND = 10;

/** The kinds of denied calls. */
const floods = {
  'a purpose that is not granted': '/rangkiang.resident.v1.ResidentService/GetResident',
  'a method that does not exist': '/rangkiang.resident.v1.ResidentService/GetEverything',
};

function floodTarget({ mesh }: BenchMesh, path: string): Target {
  const read = (suffix: string) => readFileSync(`${mesh.layout.client('BAPENDA')}.${suffix}`, 'utf8');
  return {
    address: mesh.endpoints().broker,
    peer: 'spiffe://padang.go.id/mesh/broker',
    tls: { ca: readFileSync(mesh.layout.ca, 'utf8'), cert: read('crt'), key: read('key') },
    path,
    metadata: [['rangkiang-purpose', 'PENEGAKAN_HUKUM']],
    bodies: [''],
  };
}

/** Reads how many records the audit service holds. */
async function recordCounter({ mesh }: BenchMesh): Promise<{ read(): Promise<number>; close(): Promise<void> }> {
  const url = new URL(mesh.endpoints().postgres);
  url.pathname = '/audit';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return {
    read: async () => {
      const { rows } = await client.query<{ size: string }>('select size from tree_head');
      return Number(rows[0]?.size);
    },
    close: () => client.end(),
  };
}

interface Round {
  readonly quiet: Run;
  readonly flooded: Run;
  readonly flood: Run;
  /** Records that the flood caused, in a second. */
  readonly recordsPerSecond: number;
}

/** Measures what a flood costs those who do not flood. */
export async function run({ rounds, seconds, say }: BenchOptions): Promise<Report> {
  const bench = await startBenchMesh(CALLERS, say);
  const records = await recordCounter(bench);
  try {
    const asking = await Generator.start(bench.targets);
    await asking.run(ASKING, WARM_UP_SECONDS);
    const findings: Finding[] = [];
    for (const [what, path] of Object.entries(floods)) {
      const flooding = await Generator.start([floodTarget(bench, path)]);
      const measured: Round[] = [];
      for (let round = 1; round <= rounds; round++) {
        const quiet = await asking.run(ASKING, seconds);
        const before = await records.read();
        const [flooded, flood] = await Promise.all([asking.run(ASKING, seconds), flooding.flood(FLOODING, seconds)]);
        const written = (await records.read()) - before - flooded.answers;
        measured.push({ quiet, flooded, flood, recordsPerSecond: (written * 1000) / flood.elapsedMs });
        say(`${what}, round ${round}: p99 ${quiet.p99Ms.toFixed(1)} ms, flooded ${flooded.p99Ms.toFixed(1)} ms`);
      }
      flooding.close();
      findings.push(...findingsOf(what, measured));
    }
    asking.close();
    return {
      bench: 'one OPD floods, another asks',
      findings,
      notes: [
        `Medians of ${rounds} pairs of rounds of ${seconds} s; ${ASKING} calls in flight of those who ask, ${FLOODING} of the flood, one broker.`,
      ],
    };
  } finally {
    await records.close();
    await bench.mesh.stop();
  }
}

function findingsOf(what: string, rounds: readonly Round[]): Finding[] {
  const of = (figure: (round: Round) => number) => median(rounds.map(figure));
  const refusals = ({ failures }: Run) => Object.values(failures).reduce((sum, count) => sum + count, 0);
  return [
    {
      what: `${what}: p99 / p99 without flood`,
      measured: of(({ quiet, flooded }) => flooded.p99Ms / quiet.p99Ms),
      unit: '',
      budget: { most: 2 },
    },
    { what: `${what}: p99 without flood`, measured: of(({ quiet }) => quiet.p99Ms), unit: 'ms' },
    { what: `${what}: p99`, measured: of(({ flooded }) => flooded.p99Ms), unit: 'ms' },
    {
      what: `${what}: calls / calls without flood`,
      measured: of(({ quiet, flooded }) => flooded.answers / quiet.answers),
      unit: '',
    },
    {
      what: `${what}: refusals`,
      measured: of(({ flood }) => (refusals(flood) * 1000) / flood.elapsedMs),
      unit: 'calls/s',
    },
    {
      what: `${what}: records of the flood`,
      measured: of(({ recordsPerSecond }) => recordsPerSecond),
      unit: 'records/s',
      budget: { most: MOST_RECORDS_PER_SECOND },
    },
  ];
}
