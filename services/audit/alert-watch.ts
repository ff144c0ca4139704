import { setTimeout as delay } from 'node:timers/promises';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Logger } from '#mesh/log.ts';
import type { Appender } from '#mesh/record.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';
import { alertEntry } from './domain/alert-entry.ts';
import { AlertFold } from './domain/alert-fold.ts';
import { EntryRefused } from './domain/check-entry.ts';
import type { LogPages } from './domain/log-pages.ts';
import type { LogTail } from './domain/log-tail.ts';
import { loadAlertState, lockAlerts, saveAlertState } from './store/alert-state.ts';

/** What the rules look at and write with. */
export interface AlertWatchParts {
  /** Gives one connection for good. */
  readonly pool: Pool;
  readonly pages: LogPages;
  readonly tail: LogTail;
  readonly audit: Appender;
  readonly log: Logger;
}

const RETRY_MS = 5_000;
const SAVE_EVERY_MS = 5_000;
// Of the time of the process, which also appends. The rules take 5 us a record, so they fall behind beyond 20,000 records/s.
const SHARE = 0.1;
// Between two looks while the log grows. An alert is for people; the tail tells of news twenty times a second.
const PAUSE_MS = 250;
const APPEND_TIMEOUT_MS = 10_000;

/** Looks at every record once, on one of the replicas; another one goes on when it goes away. The answer ends it. */
export function watchForAlerts(parts: AlertWatchParts): () => Promise<void> {
  const stopping = new AbortController();
  const running = run(parts, stopping.signal);
  return async () => {
    stopping.abort();
    await running;
  };
}

async function run(parts: AlertWatchParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const client = await parts.pool.connect().catch(() => undefined);
    try {
      if (client && (await lockAlerts(client))) await look(client, parts, signal);
      client?.release(true);
    } catch (err) {
      parts.log.warn({ err }, 'the rules of the alerts cannot go on; they try again');
      client?.release(true);
    }
    await delay(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Goes through the log until the signal is aborted. An alert is committed before it is remembered that it was looked at. */
async function look(client: PoolClient, parts: AlertWatchParts, signal: AbortSignal): Promise<void> {
  const { next, remembered } = await loadAlertState(client);
  const fold = new AlertFold(next, remembered);
  let saved = next;
  let saveDueMs = 0;
  const save = async () => {
    if (fold.next === saved) return;
    await saveAlertState(client, fold.next, fold.remembered);
    saved = fold.next;
    saveDueMs = performance.now() + SAVE_EVERY_MS;
  };
  while (!signal.aborted) {
    if (fold.next < parts.tail.size) {
      const page = await parts.pages.at(fold.next, parts.tail.size);
      const startMs = performance.now();
      // Decoded here and not on the page, which is kept: a leaf is looked at once, and dies young.
      for (const { index, leaf } of page.rows) await alarm(fold, index, Leaf.decode(leaf), parts);
      fold.skipTo(page.next);
      const tookMs = performance.now() - startMs;
      const restMs = Math.max(tookMs * (1 / SHARE - 1), fold.next < parts.tail.size ? 0 : PAUSE_MS);
      await delay(restMs, undefined, { signal }).catch(() => {});
    } else {
      await parts.tail.beyond(fold.next, SAVE_EVERY_MS, signal);
    }
    if (performance.now() >= saveDueMs) await save();
  }
  await save();
}

async function alarm(fold: AlertFold, index: bigint, leaf: Leaf, { audit, log }: AlertWatchParts): Promise<void> {
  for (const finding of fold.add(index, leaf)) {
    log.warn({ rule: finding.rule, opd: leaf.opd, record: String(index) }, 'alert');
    await audit.append(alertEntry(finding, leaf), APPEND_TIMEOUT_MS).catch((error: Error) => {
      // The log holds this alert, found when other records were remembered.
      if (!(error.cause instanceof EntryRefused)) throw error;
    });
  }
}
