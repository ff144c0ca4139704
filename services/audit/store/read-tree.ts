import type { Pool } from '#mesh/sql.ts';
import type { TileId } from '#mesh/tlog/tile.ts';
import { TILE_WIDTH } from '#mesh/tlog/tile.ts';

// One value an answer: 256 rows would cost ten times as much.
// Of a bundle that was pruned only the hashes are there.
const levelZero = `select coalesce(
  (select substr(hashes, 1, 32 * ($2::bigint - $1::bigint)::int) from pruned_bundle where index = $1::bigint / ${TILE_WIDTH}),
  (select string_agg(leaf_hash, '' order by index) from entry where index >= $1 and index < $2)
) as row`;
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

// The bundle of C2SP tlog-tiles is made where the leaves lie: as rows they would cost eight times as much.
const bundle = `select count(*) as entries, string_agg(int2send(octet_length(leaf)::int2) || leaf, '' order by index) as bundle
from entry where index >= $1 and index < $2`;

/** Reads the bundle of `width` entries from `index` * 256 on; undefined when not all of them are there. */
export async function readBundle(pool: Pool, index: bigint, width: number): Promise<Buffer | undefined> {
  const from = index * BigInt(TILE_WIDTH);
  const values = [from, from + BigInt(width)];
  const { rows } = await pool.query<{ entries: bigint; bundle: Buffer }>({ name: 'bundle', text: bundle, values });
  return rows[0]?.entries === BigInt(width) ? rows[0].bundle : undefined;
}
