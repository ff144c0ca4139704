import type { RecordFilter, WatchRecordsResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import type { LogTail } from './log-tail.ts';
import { fitting, type RecordRow, recordOf, type Stretch } from './record-page.ts';

/** The log as a watch reads it. */
export interface WatchedLog {
  readonly tail: Pick<LogTail, 'size' | 'beyond'>;
  /** Oldest first. */
  oldest(stretch: Stretch): Promise<readonly RecordRow[]>;
}

const PAGE_SIZE = 400;
// A filter that little passes still moves on, and tells so at least every HEARTBEAT_MS.
const STRETCH = 20_000n;
const HEARTBEAT_MS = 5_000;

async function nextPage(log: WatchedLog, from: bigint, filter: RecordFilter) {
  const { size } = log.tail;
  if (from >= size) return { rows: [], next: from };
  const below = from + STRETCH < size ? from + STRETCH : size;
  const found = await log.oldest({ filter, from, below, limit: PAGE_SIZE });
  const rows = fitting(found);
  const last = rows.at(-1);
  const isCut = found.length === PAGE_SIZE || rows.length < found.length;
  return { rows, next: isCut && last ? last.index + 1n : below };
}

/**
 * All records from `from` on that pass the filter, in order, and heartbeats while there are none, until the signal is
 * aborted. Nothing is read before the reader has taken what was read before, so a slow one costs one page of memory.
 */
export async function* watchRecords(
  log: WatchedLog,
  from: bigint,
  filter: RecordFilter,
  signal: AbortSignal,
): AsyncGenerator<WatchRecordsResponse> {
  let next = from;
  let heartbeatDueMs = 0;
  while (!signal.aborted) {
    const page = await nextPage(log, next, filter);
    next = page.next;
    if (page.rows.length > 0 || performance.now() >= heartbeatDueMs) {
      yield { records: page.rows.map(recordOf), nextIndex: next, time: new Date() };
      heartbeatDueMs = performance.now() + HEARTBEAT_MS;
    }
    await log.tail.beyond(next, Math.max(0, heartbeatDueMs - performance.now()), signal);
  }
}
