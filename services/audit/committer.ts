import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Logger } from '#mesh/log.ts';
import type { Pipeline } from '#mesh/sql.ts';
import { counter, durationMs } from '#mesh/telemetry.ts';
import type { Committer } from './domain/commit-queue.ts';
import type { KeyRing } from './domain/key-ring.ts';
import type { LogTail } from './domain/log-tail.ts';
import type { EntryRow, Placed } from './domain/log-writer.ts';
import type { RecentRecords } from './domain/recent-records.ts';
import type { Sealer } from './domain/seal.ts';
import { appendEntries } from './store/append-entries.ts';
import type { KeyStore } from './store/seal-keys.ts';

const countEntries = counter('rangkiang.audit.entries', 'Entries committed or found committed');
const measureCommit = durationMs('rangkiang.audit.commit', 'One batch, from sending it to its answer');

/** What a commit needs to seal anew. */
export interface Sealing {
  readonly ring: KeyRing;
  readonly sealer: Sealer;
  readonly keys: Pick<KeyStore, 'condemnedSince'>;
}

/** Appends rows; when keys were destroyed meanwhile, seals them anew without those and appends them then. */
async function appendSealed(pipeline: Pipeline, rows: readonly EntryRow[], sealing: Sealing): Promise<Placed[]> {
  const { ring, sealer, keys } = sealing;
  const placed = await appendEntries(pipeline, rows, ring.destructions);
  if (placed) return placed;
  const { keyIds, destructions } = await keys.condemnedSince(ring.destructions);
  ring.forget(keyIds, destructions);
  const anew = rows.map((row) => ({ ...row, parts: sealer.seal(row.checked) }));
  return appendSealed(pipeline, anew, sealing);
}

/** What is told of committed records. */
export interface Told {
  /** How far the log has got. */
  readonly tail: Pick<LogTail, 'seen'>;
  /** The same, of changes of the policy alone. */
  readonly policyTail: Pick<LogTail, 'seen'>;
  readonly recent: Pick<RecentRecords, 'add'>;
}

/** Commits batches to Postgres, and tells of what is committed. */
export function postgresCommitter(
  pipeline: Pipeline,
  { tail, policyTail, recent }: Told,
  sealing: Sealing,
  log: Logger,
): Committer<EntryRow, Placed> {
  return {
    commit: async (rows) => {
      const startedMs = performance.now();
      const placed = await appendSealed(pipeline, rows, sealing);
      measureCommit(performance.now() - startedMs);
      countEntries(rows.length);
      for (const [at, index] of placed.entries()) {
        const row = rows[at];
        if (index === null || !row) continue;
        recent.add({ index, leaf: row.leaf, leafHash: row.leafHash });
        tail.seen(index + 1n);
        if (row.kind === Kind.POLICY) policyTail.seen(index + 1n);
      }
      return placed;
    },
    onFailing: (err) => log.error({ err }, 'records cannot be committed; nothing leaves the mesh until they can'),
    onRecovered: () => log.info('records are committed again'),
  };
}
