import type { PrunedRange } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Pool } from '#mesh/sql.ts';
import { TILE_WIDTH } from '#mesh/tlog/tile.ts';
import type { FoundBundle, PrunedLog } from '../domain/prune-records.ts';

const WIDTH = BigInt(TILE_WIDTH);

/** The log in Postgres, as pruning sees it; see migrations/052_prune.sql. */
export function prunedLog(pool: Pool): PrunedLog {
  return {
    firstBundle: async (fromIndex) => {
      const { rows } = await pool.query<{ index: bigint | null }>(
        'select min(index) as index from entry where index >= $1',
        [fromIndex],
      );
      const index = rows[0]?.index ?? null;
      return index === null ? undefined : index / WIDTH;
    },
    look: async (first, below, untilUs) => {
      const text = 'select bundle, stays from bundles_to_prune($1, $2, $3)';
      return (await pool.query<FoundBundle>(text, [first, below, untilUs])).rows;
    },
    remove: async (record: bigint, ranges: readonly PrunedRange[], untilUs: bigint) => {
      const firsts = ranges.map(({ firstIndex }) => firstIndex);
      const belows = ranges.map(({ belowIndex }) => belowIndex);
      await pool.query('select prune_entries($1, $2, $3, $4)', [record, firsts, belows, untilUs]);
    },
  };
}

/** Whether the entry at an index was pruned. */
export async function isPruned(pool: Pool, index: bigint): Promise<boolean> {
  const text = 'select from pruned_bundle where index = $1';
  return (await pool.query({ name: 'is-pruned', text, values: [index / WIDTH] })).rowCount === 1;
}
