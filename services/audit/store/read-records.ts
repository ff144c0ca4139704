import type { RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Pool } from '#mesh/sql.ts';
import { microseconds, passingKinds } from '../domain/record-filter.ts';
import type { RecordRow, Stretch } from '../domain/record-page.ts';
import { isPruned } from './prune.ts';

// The largest bigint; the contract's uint64 goes further.
const LAST_INDEX = (1n << 63n) - 1n;
const columns = 'index, leaf, leaf_hash as "leafHash"';

// Tags of the leaf's text fields operator_pseudonym, permit and emergency (26, in two bytes).
const OPERATOR_TAG = [(7 << 3) | 2];
const PERMIT_TAG = [(8 << 3) | 2];
const EMERGENCY_TAG = [0xd2, 0x01];

/** A text field as it stands in a leaf's bytes. What is rarely asked for has no column, which every append would pay. */
function inLeaf(tag: readonly number[], text: string): Buffer | undefined {
  return text === '' ? undefined : Buffer.concat([Buffer.from([...tag, text.length]), Buffer.from(text)]);
}

// Only what is asked for enters the statement: a plan for "this OPD or any" could not use the index on opd.
const conditions: readonly { test: (given: string) => string; value: (filter: RecordFilter) => unknown }[] = [
  { test: (given) => `opd = ${given}`, value: ({ opd }) => opd || undefined },
  { test: (given) => `kind = any (${given})`, value: passingKinds },
  { test: (given) => `method = ${given}`, value: ({ method }) => method || undefined },
  { test: (given) => `reason = ${given}`, value: ({ reason }) => reason || undefined },
  { test: (given) => `time_us >= ${given}`, value: ({ fromTime }) => fromTime && microseconds(fromTime) },
  { test: (given) => `time_us < ${given}`, value: ({ belowTime }) => belowTime && microseconds(belowTime) },
  {
    test: (given) => `position(${given}::bytea in leaf) > 0`,
    value: ({ operatorPseudonym }) => inLeaf(OPERATOR_TAG, operatorPseudonym),
  },
  { test: (given) => `position(${given}::bytea in leaf) > 0`, value: ({ permit }) => inLeaf(PERMIT_TAG, permit) },
  {
    test: (given) => `position(${given}::bytea in leaf) > 0`,
    value: ({ emergency }) => inLeaf(EMERGENCY_TAG, emergency),
  },
];

async function readStretch(pool: Pool, stretch: Stretch, order: 'asc' | 'desc'): Promise<RecordRow[]> {
  const values: unknown[] = [stretch.from, stretch.below, stretch.limit];
  let where = 'index >= $1 and index < $2';
  for (const { test, value } of conditions) {
    const given = value(stretch.filter);
    if (given !== undefined) where += ` and ${test(`$${values.push(given)}`)}`;
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
    /** The record at an index; undefined beyond the end, and where it was pruned. */
    at: async (index: bigint): Promise<RecordRow | undefined> => {
      if (index > LAST_INDEX) return undefined;
      const { rows } = await pool.query<RecordRow>(`select ${columns} from entry where index = $1`, [index]);
      return rows[0];
    },
    /** Whether the record at an index was pruned. */
    isPruned: (index: bigint): Promise<boolean> =>
      index > LAST_INDEX ? Promise.resolve(false) : isPruned(pool, index),
  };
}

/** What `logReader` gives. */
export type LogReader = ReturnType<typeof logReader>;
