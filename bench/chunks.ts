import { randomBytes } from 'node:crypto';
import type { AppendClient } from '../mesh/append-client.ts';
import { makeEntry, newDraft } from '../mesh/record.ts';
import type { Entry } from '../proto/gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '../proto/gen/rangkiang/audit/v1/leaf.ts';
import { Grant } from '../proto/gen/rangkiang/mesh/v1/grant.ts';
import { Element } from '../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../proto/gen/rangkiang/type/v1/purpose.ts';

// What a pemadanan asks of the audit service: one record for each chunk of its stream, with a sealed part for each row.

const ROWS_IN_CHUNK = 500;
const CITY = 909_040;
/** What a few streams have under way. */
const IN_FLIGHT = 32;
const PATIENCE_MS = 30_000;

/** A record of one answered chunk. */
function chunkOf(sequence: number): Entry {
  const grant = Grant.fromPartial({
    callId: randomBytes(16),
    opd: 'BAPENDA',
    unit: 'PUSAT',
    system: 'pbb',
    permit: '3f0c2f0e-6f0b-4c57-9d5c-0f0f0f0f0f0f',
    policyVersion: 1n,
    purpose: Purpose.PERENCANAAN_PEMBANGUNAN,
    caseNumber: 'PBB-2026',
  });
  // Through the whole city before anybody comes again, as a list of residents has it.
  const niks = Array.from({ length: ROWS_IN_CHUNK }, (_, row) =>
    String(1_371_010_101_000_000n + BigInt((sequence * ROWS_IN_CHUNK + row) % CITY)),
  );
  const draft = { ...newDraft(), elements: [Element.NIK], rows: ROWS_IN_CHUNK, subjects: niks };
  const method = '/rangkiang.resident.v1.ResidentService/MatchResidents';
  return makeEntry(grant, draft, { kind: Kind.DISCLOSED, method, writer: 'resident', traceId: randomBytes(16) });
}

// Further rounds go on through the city.
let chunks = 0;

/** Keeps some chunks under way; answers rows whose records were committed in a second. */
export async function chunkRate(client: AppendClient, seconds: number): Promise<number> {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let committed = 0;
  const loop = async () => {
    while (performance.now() < endMs) {
      await client.append(chunkOf(chunks++), PATIENCE_MS);
      committed++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
  return (committed * ROWS_IN_CHUNK * 1000) / (performance.now() - startMs);
}
