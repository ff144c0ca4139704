import type { FollowPolicyResponse } from '#gen/rangkiang/audit/v1/policy_feed.ts';
import type { LogTail } from './log-tail.ts';
import type { RecordRow } from './record-page.ts';

/** The log as it is followed for the policy's sake. */
export interface FollowedLog {
  /** Tells at once when the policy was changed, and each second of everything else. */
  readonly tail: Pick<LogTail, 'beyond'>;
  /** How many records there are. */
  size(): Promise<bigint>;
  /** The first so many POLICY records from an index on, oldest first. */
  policyFrom(index: bigint, limit: number): Promise<readonly Pick<RecordRow, 'index' | 'leaf'>[]>;
}

/** A leaf has at most 4 KiB, and a message 4 MiB. */
const PAGE_SIZE = 500;
const PROGRESS_MS = 1_000;

/**
 * All POLICY records from `from` on, in order, and the log's size at least every second, until the signal is aborted. Nothing
 * is read before the reader has taken what was read before.
 */
export async function* followPolicy(
  log: FollowedLog,
  from: bigint,
  signal: AbortSignal,
): AsyncGenerator<FollowPolicyResponse> {
  let next = from;
  while (!signal.aborted) {
    // Read first: what is committed between the two is below the next size.
    const size = await log.size();
    const records = await log.policyFrom(next, PAGE_SIZE);
    const isCut = records.length === PAGE_SIZE;
    const last = records.at(-1);
    if (last) next = last.index + 1n;
    if (!isCut && size > next) next = size;
    // A log that is smaller than what was read of it says so.
    yield { records: records.map(({ index, leaf }) => ({ index, leaf })), nextIndex: next, size };
    if (!isCut) await log.tail.beyond(next, PROGRESS_MS, signal);
  }
}
