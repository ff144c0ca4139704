import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { ImportResidentsRequest, ImportResidentsResponse } from '#gen/rangkiang/resident/v1/registry.ts';
import { EVENT_ID_BYTES } from '#mesh/leaf.ts';
import { quickRandomBytes } from '#mesh/random.ts';
import { makeEntry, newDraft } from '#mesh/record.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import type { ResidentContext } from '../context.ts';
import { type CheckedChunk, checkChunk } from '../domain/import-chunk.ts';
import { inOrder } from '../domain/in-order.ts';
import { assertKeepsRegister } from '../domain/registry-grant.ts';
import { placeChunk, type StoredChunk } from '../store/import-store.ts';

/** Chunks under way on one stream: one is written while others are checked, or wait for their records. */
const MAX_CHUNKS = 6;
/** How long a chunk that is committed waits for its record; sent again, it waits anew. */
const RECORD_TIMEOUT_MS = 5_000;

/**
 * Imports chunk by chunk, in their order. Each is one transaction with its record, and is answered when both are committed.
 * The record counts rows and names no subjects: Disdukcapil learns nothing of them that it did not send.
 */
export function importResidents({ pool, relay, regions, today }: ResidentContext) {
  return async function* (
    requests: AsyncIterable<ImportResidentsRequest>,
    call: CallContext,
  ): AsyncGenerator<ImportResidentsResponse> {
    assertKeepsRegister(call.grant);

    const commit = (chunk: CheckedChunk): Promise<StoredChunk> =>
      inTransaction(pool, async (client) => {
        const place = await placeChunk(client, chunk);
        if (!('store' in place)) return place;
        const eventId = quickRandomBytes(EVENT_ID_BYTES);
        const stored = await place.store(eventId);
        const draft = { ...newDraft(), count: chunk.acceptedRows };
        const { method, traceId, grant } = call;
        const facts = { kind: Kind.REGISTER, method: method.path, writer: 'resident', traceId, eventId };
        await relay.enqueue(client, makeEntry(grant, draft, { ...facts, refersTo: grant.callId }));
        return stored;
      });

    let before: Promise<unknown> = Promise.resolve();
    yield* inOrder(requests, MAX_CHUNKS, async (request) => {
      const chunk = checkChunk(request, { regions, today: today() }, call.locale);
      const committed = before.then(() => commit(chunk));
      before = committed;
      const { answer, eventId } = await committed;
      call.auditIndex = await relay.wait(eventId, RECORD_TIMEOUT_MS);
      return { ...answer, auditIndex: call.auditIndex };
    });
  };
}
