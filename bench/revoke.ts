import { randomUUID } from 'node:crypto';
import { connectAs } from '../cli/client/caller.ts';
import { obtainPermit } from '../cli/first-run/applications.ts';
import { demoPermits } from '../cli/first-run/demo-permits.ts';
import { permitPurpose } from '../cli/permits/flow.ts';
import { RevocationReason } from '../proto/gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService } from '../proto/gen/rangkiang/permit/v1/permit_service.ts';
import { Generator } from './load/client.ts';
import { type BenchMesh, startBenchMesh } from './mesh.ts';
import type { BenchOptions, Finding, Report } from './report.ts';
import { Histogram } from './statistics.ts';

// The row "revocation acknowledged, all brokers alive": permits are issued through the real flow and revoked one by one
// while four brokers carry GetResident. What counts is the time from RevokePermit's request to its answer, at the Walikota's
// client, and every answer must say that all brokers confirmed.

const BROKERS = 4;
const IN_FLIGHT = 16;

/** Revokes one new permit after another until `until` settles; answers how long each took. */
async function revokeUntil({ mesh }: BenchMesh, until: Promise<unknown>): Promise<{ times: Histogram; count: number }> {
  const times = new Histogram();
  let count = 0;
  let isOver = false;
  until.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  const demo = demoPermits[1];
  if (demo === undefined) throw new Error('there is no demonstration permit');
  const { signal } = new AbortController();
  const walikota = await connectAs('WALIKOTA', { layout: mesh.layout, endpoints: mesh.endpoints(), locale: 'en' });
  try {
    while (!isOver) {
      // Another text makes it another application.
      const content = { ...demo.content, purposeText: `${demo.content.purposeText} ${randomUUID()}` };
      const { permitId } = await obtainPermit(mesh, { ...demo, content }, signal);
      const request = { requestId: randomUUID(), permitId, reason: RevocationReason.INSIDEN_KEAMANAN, remark: '' };
      const startMs = performance.now();
      const { message } = await walikota.call(PermitServiceService.revokePermit, request, permitPurpose);
      times.add(performance.now() - startMs);
      count++;
      if (message.brokersConfirmed !== BROKERS) {
        throw new Error(`${message.brokersConfirmed} of ${BROKERS} brokers confirmed a revocation`);
      }
    }
  } finally {
    walikota.close();
  }
  return { times, count };
}

/** Measures revocations with and without calls meanwhile. */
export async function run({ rounds, seconds, say }: BenchOptions): Promise<Report> {
  const bench = await startBenchMesh(BROKERS, say, BROKERS);
  try {
    const generator = await Generator.start(bench.targets);
    const spanSeconds = rounds * seconds;
    await generator.run(IN_FLIGHT, seconds);
    const load = generator.run(IN_FLIGHT, spanSeconds);
    const loaded = await revokeUntil(bench, load);
    const { answers, elapsedMs } = await load;
    say(`under load: ${loaded.count} revocations`);
    const idle = await revokeUntil(bench, new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
    generator.close();
    const figure = (what: string, measured: number): Finding => ({ what, measured, unit: 'ms' });
    return {
      bench: `revocation acknowledged, ${BROKERS} brokers`,
      findings: [
        figure('under load, median', loaded.times.quantile(0.5)),
        { ...figure('under load, p99', loaded.times.quantile(0.99)), budget: { most: 50 } },
        figure('without load, median', idle.times.quantile(0.5)),
        figure('without load, p99', idle.times.quantile(0.99)),
        { what: 'load meanwhile', measured: (answers * 1000) / elapsedMs, unit: 'calls/s' },
      ],
      notes: [
        `${loaded.count} revocations under load, ${idle.count} without; each confirmed by ${BROKERS} brokers.`,
        `Load: GetResident with ${IN_FLIGHT} in flight, spread over the brokers. Each permit is issued just before, so that the policy changes twice for each revocation.`,
      ],
    };
  } finally {
    await bench.mesh.stop();
  }
}
