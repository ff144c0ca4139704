import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Pool } from '#mesh/sql.ts';
import type { RecordRow } from '../domain/record-page.ts';

// The same condition as in the index, or Postgres would not use it.
const alertKinds = 'kind in (15, 16)';
const columns = 'index, leaf, leaf_hash as "leafHash"';

/** What can be read of alerts, from the log itself. */
export function alertReader(pool: Pool) {
  const read = async (condition: string, values: unknown[]) =>
    (await pool.query<RecordRow>(`select ${columns} from entry where ${alertKinds} and ${condition}`, values)).rows;
  return {
    /** So many alerts below an index, newest first. */
    below: (index: bigint, limit: number) =>
      read('kind = $1 and index < $2 order by index desc limit $3', [Kind.ALERT, index, limit]),
    /** All acknowledgements above an index, oldest first. */
    acknowledgementsAbove: (index: bigint) =>
      read('kind = $1 and index > $2 order by index', [Kind.ALERT_ACKNOWLEDGED, index]),
    /** The alert at an index; undefined when there is none. */
    at: async (index: bigint): Promise<RecordRow | undefined> =>
      (await read('kind = $1 and index = $2', [Kind.ALERT, index]))[0],
  };
}

/** What `alertReader` gives. */
export type AlertReader = ReturnType<typeof alertReader>;
