import type { Logger } from '#mesh/log.ts';
import type { Pipeline } from '#mesh/sql.ts';
import { counter, durationMs } from '#mesh/telemetry.ts';
import type { Committer } from './domain/commit-queue.ts';
import type { LogTail } from './domain/log-tail.ts';
import type { EntryRow, Placed } from './domain/log-writer.ts';
import { appendEntries } from './store/append-entries.ts';

const countEntries = counter('rangkiang.audit.entries', 'Entries committed or found committed');
const measureCommit = durationMs('rangkiang.audit.commit', 'One batch, from sending it to its answer');

/** Commits batches to Postgres, and tells the tail how far the log has got. */
export function postgresCommitter(pipeline: Pipeline, tail: LogTail, log: Logger): Committer<EntryRow, Placed> {
  return {
    commit: async (rows) => {
      const startedMs = performance.now();
      const placed = await appendEntries(pipeline, rows);
      measureCommit(performance.now() - startedMs);
      countEntries(rows.length);
      for (const index of placed) if (index !== null) tail.seen(index + 1n);
      return placed;
    },
    onFailing: (err) => log.error({ err }, 'records cannot be committed; nothing leaves the mesh until they can'),
    onRecovered: () => log.info('records are committed again'),
  };
}
