import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { AppendClient } from '../mesh/append-client.ts';
import { rate } from './audit.ts';
import { startBenchMesh } from './mesh.ts';
import type { BenchOptions, Report } from './report.ts';
import { median } from './statistics.ts';

// The row "stream to 20 watchers": how many records are committed in a second while 20 programs follow the whole log
// through a broker, against none. They are read on the same two cores.

const WATCHERS = 20;

async function startWatchers(address: string, tls: object): Promise<ChildProcess> {
  const child = fork(new URL('watchers.ts', import.meta.url), [address, JSON.stringify(tls), String(WATCHERS)]);
  await once(child, 'message');
  return child;
}

async function stopWatchers(child: ChildProcess): Promise<number> {
  child.send('bytes?');
  const [bytes] = (await once(child, 'message')) as [number];
  child.kill();
  await once(child, 'exit');
  return bytes;
}

/** Measures what the watchers cost those who append. */
export async function run({ rounds, seconds, say }: BenchOptions): Promise<Report> {
  const { mesh } = await startBenchMesh(1, say);
  const { layout } = mesh;
  const register = layout.mesh('resident');
  const security = layout.client('SECURITY');
  const { brokers, processes } = mesh.endpoints();
  const client = new AppendClient({
    address: processes.audit?.address ?? '',
    tls: { ca: layout.ca, cert: `${register}.crt`, key: `${register}.key` },
    writer: 'bench',
  });
  const watcherTls = { ca: layout.ca, cert: `${security}.crt`, key: `${security}.key` };
  try {
    await rate(client, seconds);
    const ratios: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const alone = await rate(client, seconds);
      const watchers = await startWatchers(brokers[0]?.address ?? '', watcherTls);
      const watched = await rate(client, seconds);
      const megabytes = (await stopWatchers(watchers)) / 1e6;
      ratios.push(watched / alone);
      say(
        `round ${round}: ${Math.round(alone)} records/s alone, ${Math.round(watched)} watched, ${megabytes.toFixed(0)} MB read`,
      );
    }
    const cost = 100 * (1 - median(ratios));
    return {
      bench: `records while ${WATCHERS} watch`,
      findings: [{ what: 'cost in records/s', measured: cost, unit: '%', budget: { most: 10 } }],
      notes: [
        `Median of ${rounds} pairs of rounds of ${seconds} s; the watchers read through one broker, on the same cores.`,
      ],
    };
  } finally {
    await client.close();
    await mesh.stop();
  }
}
