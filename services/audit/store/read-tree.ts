import type { Pool } from '#mesh/sql.ts';
import type { TileId } from '#mesh/tlog/tile.ts';
import { TILE_WIDTH } from '#mesh/tlog/tile.ts';

// One value an answer: 256 rows would cost ten times as much.
const levelZero = `select string_agg(leaf_hash, '' order by index) as row from entry where index >= $1 and index < $2`;
const higher = `select string_agg(hash, '' order by index) as row from tree_node where index >= $1 and index < $2 and level = $3`;

/** Reads the hashes of a tile from Postgres; fewer than asked for when the log has not got that far. */
export async function readTile(pool: Pool, { level, index, width }: TileId): Promise<Buffer> {
  const from = index * BigInt(TILE_WIDTH);
  const range = [from, from + BigInt(width)];
  const { rows } = await pool.query<{ row: Buffer | null }>(
    level === 0
      ? { name: 'tile-0', text: levelZero, values: range }
      : { name: 'tile', text: higher, values: [...range, level] },
  );
  return rows[0]?.row ?? Buffer.alloc(0);
}

/** Reads leaves in order; fewer than asked for when the log has not got that far. */
export async function readLeaves(pool: Pool, from: bigint, count: number): Promise<Buffer[]> {
  const { rows } = await pool.query<{ leaf: Buffer }>({
    name: 'leaves',
    text: 'select leaf from entry where index >= $1 and index < $2 order by index',
    values: [from, from + BigInt(count)],
  });
  return rows.map(({ leaf }) => leaf);
}
