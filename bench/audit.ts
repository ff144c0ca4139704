import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AppendClient } from '../mesh/append-client.ts';
import { makeEntry, newDraft } from '../mesh/record.ts';
import type { Entry } from '../proto/gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '../proto/gen/rangkiang/audit/v1/leaf.ts';
import { Grant } from '../proto/gen/rangkiang/mesh/v1/grant.ts';
import { Element } from '../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../proto/gen/rangkiang/type/v1/purpose.ts';
import { chunkRate } from './chunks.ts';
import { startBenchMesh } from './mesh.ts';
import type { BenchOptions, Report } from './report.ts';
import { Histogram, median } from './statistics.ts';
import { verifyRate } from './verify.ts';

// The row "durable records, streamed, fsync on": one append stream as the register's, from this process. Closed loop for the
// rate, open loop (records come whether or not earlier ones are committed) for the delay at 3,000 a second.

const IN_FLIGHT = 1_024;
const STEADY_PER_SECOND = 3_000;
const TICK_MS = 5;
/** A slow machine shows in the figures and ends nothing. */
const PATIENCE_MS = 30_000;

/** A record of one answered GetResident. */
function entryOf(sequence: number): Entry {
  const grant = Grant.fromPartial({
    callId: randomBytes(16),
    opd: 'DKK',
    unit: 'PKM-LUBUK-BUAYA',
    system: 'simpus',
    permit: '3f0c2f0e-6f0b-4c57-9d5c-0f0f0f0f0f0f',
    policyVersion: 1n,
    purpose: Purpose.PELAYANAN_PUBLIK,
  });
  const subjects = [String(1_371_010_101_010_001n + BigInt(sequence % 100_000))];
  const draft = { ...newDraft(), elements: [Element.NIK, Element.NAMA_LENGKAP], rows: 1, subjects };
  const method = '/rangkiang.resident.v1.ResidentService/GetResident';
  return makeEntry(grant, draft, { kind: Kind.DISCLOSED, method, writer: 'resident', traceId: randomBytes(16) });
}

/** Keeps so many records under way; answers records committed in a second. */
export async function rate(client: AppendClient, seconds: number): Promise<number> {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let committed = 0;
  const loop = async () => {
    while (performance.now() < endMs) {
      await client.append(entryOf(committed), PATIENCE_MS);
      committed++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
  return (committed * 1000) / (performance.now() - startMs);
}

/** Appends at a steady pace; answers how long records waited for their acknowledgement. */
async function steadyDelays(client: AppendClient, seconds: number): Promise<Histogram> {
  const delays = new Histogram();
  const appended: Promise<void>[] = [];
  const startMs = performance.now();
  const total = STEADY_PER_SECOND * seconds;
  while (appended.length < total) {
    const dueMs = performance.now();
    const due = Math.min(total, Math.ceil(((dueMs - startMs) / 1000) * STEADY_PER_SECOND));
    while (appended.length < due) {
      // A record counts from when it was due, also when this process was late to make it.
      const bornMs = startMs + (appended.length * 1000) / STEADY_PER_SECOND;
      const committed = client
        .append(entryOf(appended.length), PATIENCE_MS)
        .then(() => delays.add(performance.now() - bornMs));
      committed.catch(() => {}); // told by Promise.all below
      appended.push(committed);
    }
    await delay(TICK_MS);
  }
  await Promise.all(appended);
  return delays;
}

/** Measures the audit service with its Postgres. */
export async function run({ rounds, seconds, say }: BenchOptions): Promise<Report> {
  const { mesh } = await startBenchMesh(1, say);
  const register = mesh.layout.mesh('resident');
  const tls = { ca: mesh.layout.ca, cert: `${register}.crt`, key: `${register}.key` };
  const address = mesh.endpoints().processes.audit?.address ?? '';
  const client = new AppendClient({ address, tls, writer: 'bench' });
  try {
    await rate(client, seconds);
    const rates: number[] = [];
    const chunkRates: number[] = [];
    const p99s: number[] = [];
    const verified: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      rates.push(await rate(client, seconds));
      verified.push(await verifyRate());
      p99s.push((await steadyDelays(client, seconds)).quantile(0.99));
      say(
        `round ${round}: ${Math.round(rates.at(-1) ?? 0)} records/s; p99 ${p99s.at(-1)?.toFixed(1)} ms at ${STEADY_PER_SECOND}/s`,
      );
    }
    // Last: half a million keys and parts make whatever comes after them slower.
    await chunkRate(client, seconds);
    for (let round = 1; round <= rounds; round++) {
      chunkRates.push(await chunkRate(client, seconds));
      say(`round ${round}: ${Math.round(chunkRates.at(-1) ?? 0)} rows/s in chunks of 500`);
    }
    return {
      bench: 'durable records, streamed',
      findings: [
        { what: 'rate', measured: median(rates), unit: 'records/s', budget: { least: 15_000 } },
        {
          what: 'in chunks of 500 with sealed subjects',
          measured: median(chunkRates),
          unit: 'rows/s',
          budget: { least: 20_000 },
        },
        { what: 'audit verify', measured: median(verified), unit: 'entries/s', budget: { least: 200_000 } },
        { what: `p99 at ${STEADY_PER_SECOND}/s`, measured: median(p99s), unit: 'ms', budget: { most: 25 } },
      ],
      notes: [`Medians of ${rounds} rounds of ${seconds} s; one stream, at most ${IN_FLIGHT} records under way.`],
    };
  } finally {
    await client.close();
    await mesh.stop();
  }
}
