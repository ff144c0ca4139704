import type { RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Pool } from '#mesh/sql.ts';
import type { RecordRow, Stretch } from '../domain/record-page.ts';

// The largest bigint; the contract's uint64 goes further.
const LAST_INDEX = (1n << 63n) - 1n;
const columns = 'index, leaf, leaf_hash as "leafHash"';

// Only what is asked for enters the statement: a plan for "this OPD or any" could not use the index on opd.
const conditions: readonly { text: string; value: (filter: RecordFilter) => unknown }[] = [
  { text: 'opd =', value: ({ opd }) => opd || undefined },
  { text: 'kind = any', value: ({ kinds }) => (kinds.length > 0 ? kinds : undefined) },
  { text: 'method =', value: ({ method }) => method || undefined },
  { text: 'reason =', value: ({ reason }) => reason || undefined },
];

async function readStretch(pool: Pool, stretch: Stretch, order: 'asc' | 'desc'): Promise<RecordRow[]> {
  const values: unknown[] = [stretch.from, stretch.below, stretch.limit];
  let where = 'index >= $1 and index < $2';
  for (const { text, value } of conditions) {
    const given = value(stretch.filter);
    if (given !== undefined) where += ` and ${text} ($${values.push(given)})`;
  }
  const text = `select ${columns} from entry where ${where} order by index ${order} limit $3`;
  return (await pool.query<RecordRow>(text, values)).rows;
}

/** What can be read of the log, from Postgres. Each resolves with committed records only. */
export function logReader(pool: Pool) {
  return {
    /** How many records there are. */
    size: async (): Promise<bigint> => {
      const { rows } = await pool.query<{ size: bigint }>('select size from tree_head');
      return rows[0]?.size ?? 0n;
    },
    /** Newest first. */
    newest: (stretch: Stretch) => readStretch(pool, stretch, 'desc'),
    /** Oldest first. */
    oldest: (stretch: Stretch) => readStretch(pool, stretch, 'asc'),
    /** The first so many POLICY records from an index on, oldest first; by an index of their own, hence the constant. */
    policyFrom: async (index: bigint, limit: number): Promise<RecordRow[]> => {
      if (index > LAST_INDEX) return [];
      const text = `select ${columns} from entry where kind = ${Kind.POLICY} and index >= $1 order by index limit $2`;
      return (await pool.query<RecordRow>({ name: 'policy-from', text, values: [index, limit] })).rows;
    },
    /** The record at an index; undefined beyond the end. */
    at: async (index: bigint): Promise<RecordRow | undefined> => {
      if (index > LAST_INDEX) return undefined;
      const { rows } = await pool.query<RecordRow>(`select ${columns} from entry where index = $1`, [index]);
      return rows[0];
    },
  };
}

/** What `logReader` gives. */
export type LogReader = ReturnType<typeof logReader>;
