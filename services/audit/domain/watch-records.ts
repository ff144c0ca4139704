import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type Answer, answerOf, type LogPages } from './log-pages.ts';
import type { LogTail } from './log-tail.ts';
import { recordsResponse } from './record-bytes.ts';
import type { ChosenRecords } from './record-filter.ts';
import { fitting, type RecordRow, type Stretch } from './record-page.ts';

/** The log as a watch reads it. */
export interface WatchedLog {
  readonly tail: Pick<LogTail, 'size' | 'beyond'>;
  /** The pages that all watchers share. */
  readonly pages: Pick<LogPages, 'at'>;
  /** Oldest first. */
  oldest(stretch: Stretch): Promise<readonly RecordRow[]>;
  /** The newest checkpoint; empty until there is one. */
  checkpoint(): Buffer;
}

/** Closer to the end than this, a watch with a filter picks from the shared pages; further away Postgres picks for it. */
const NEAR = 4_096n;
// A filter that little passes still moves on, and tells so with every heartbeat.
const STRETCH = 20_000n;
const STRETCH_ROWS = 256;
const STRETCH_MAX_BYTES = 256 << 10;
const HEARTBEAT_MS = 5_000;

interface Step {
  readonly answer: Answer;
  readonly next: bigint;
}

async function sharedStep(log: WatchedLog, from: bigint, chosen: ChosenRecords): Promise<Step> {
  const page = await log.pages.at(from, log.tail.size);
  return { answer: page.answer(chosen), next: page.next };
}

async function ownStep(log: WatchedLog, from: bigint, { filter, passes }: ChosenRecords): Promise<Step> {
  const { size } = log.tail;
  const below = from + STRETCH < size ? from + STRETCH : size;
  const found = await log.oldest({ filter, from, below, limit: STRETCH_ROWS });
  const rows = fitting(found, STRETCH_MAX_BYTES);
  const last = rows.at(-1);
  const isCut = found.length === STRETCH_ROWS || rows.length < found.length;
  const next = isCut && last ? last.index + 1n : below;
  return {
    answer: answerOf(
      rows.filter(({ leaf }) => passes(Leaf.decode(leaf))),
      next,
      size,
    ),
    next,
  };
}

/**
 * All records from `from` on that were chosen, in order, and every 5 s a heartbeat, until the signal is aborted. Nothing is
 * read before the reader has taken what was read before, so a slow one costs one page of memory.
 */
export async function* watchRecords(
  log: WatchedLog,
  from: bigint,
  chosen: ChosenRecords,
  signal: AbortSignal,
): AsyncGenerator<Answer> {
  let next = from;
  let heartbeatDueMs = 0;
  while (!signal.aborted) {
    const { size } = log.tail;
    const waitMs = heartbeatDueMs - performance.now();
    if (waitMs <= 0) {
      const rest = { nextIndex: next, time: new Date(), logSize: size, checkpoint: log.checkpoint() };
      yield { bytes: recordsResponse([], rest), count: 0 };
      heartbeatDueMs = performance.now() + HEARTBEAT_MS;
    } else if (next >= size) {
      await log.tail.beyond(next, waitMs, signal);
    } else {
      const isFar = !chosen.all && next + NEAR < size;
      const step = await (isFar ? ownStep : sharedStep)(log, next, chosen);
      next = step.next;
      if (step.answer.count > 0) yield step.answer;
    }
  }
}
