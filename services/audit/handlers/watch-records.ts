import { randomBytes } from 'node:crypto';
import type { WatchRecordsRequest } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { MeshError } from '#mesh/errors.ts';
import type { Logger } from '#mesh/log.ts';
import { type Appender, makeEntry, newDraft } from '#mesh/record.ts';
import type { CallContext } from '#mesh/server.ts';
import { chosenBy, everything } from '../domain/record-filter.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';
import { type WatchedLog, watchRecords as watch } from '../domain/watch-records.ts';

const CONTINUES_EVERY_MS = 10 * 60_000;
const WRITER = 'audit';

/** The records that a watch leaves of itself. */
function witness(audit: Appender, call: CallContext) {
  const { traceId, grant } = call;
  return (kind: Kind, rows: number) => {
    const facts = { kind, method: call.method.path, writer: WRITER, traceId };
    const isFirst = kind === Kind.WATCH_OPENED;
    const ids = isFirst ? {} : { eventId: randomBytes(16), refersTo: grant.callId };
    return audit.append(makeEntry(grant, { ...newDraft(), rows }, { ...facts, ...ids }));
  };
}

/** WatchRecords. Nothing is sent before the record of the watch itself is committed, nor 10 minutes after the last one. */
export function watchRecords(
  log: WatchedLog & { size(): Promise<bigint> },
  audit: Appender,
  stopping: AbortSignal,
  logger: Logger,
) {
  return async function* (requests: AsyncIterable<WatchRecordsRequest>, call: CallContext): AsyncGenerator<Buffer> {
    requireWholeLog(call.grant);
    const signal = AbortSignal.any([call.signal, stopping]);
    const record = witness(audit, call);
    for await (const { fromIndex, filter } of requests) {
      const size = await log.size();
      const from = fromIndex ?? size;
      // Waiting for the log to grow that far would hide that it has lost what the caller has seen.
      if (from > size) throw new MeshError('RECORD_NOT_FOUND');
      call.auditIndex = (await record(Kind.WATCH_OPENED, 0)).index;
      let rows = 0;
      let continuesDueMs = performance.now() + CONTINUES_EVERY_MS;
      try {
        for await (const { bytes, count } of watch(log, from, chosenBy(filter ?? everything), signal)) {
          if (performance.now() >= continuesDueMs) {
            await record(Kind.WATCH_CONTINUES, rows);
            continuesDueMs = performance.now() + CONTINUES_EVERY_MS;
          }
          rows += count;
          yield bytes;
        }
      } finally {
        await record(Kind.WATCH_CLOSED, rows).catch((err: unknown) =>
          logger.error({ err }, 'the end of a watch is not recorded'),
        );
      }
      if (stopping.aborted) throw new MeshError('SERVICE_UNAVAILABLE');
    }
  };
}
