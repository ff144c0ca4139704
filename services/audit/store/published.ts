import type { Pool } from '#mesh/sql.ts';
import { TILE_WIDTH } from '#mesh/tlog/tile.ts';

/** The checkpoint that was published last; empty before the first. */
export async function loadPublished(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ checkpoint: string }>('select checkpoint from published');
  return rows[0]?.checkpoint ?? '';
}

/** Keeps the newest; one of a smaller log, which a slower replica brings, changes nothing. Keeps the first head of each size too. */
export async function savePublished(pool: Pool, size: bigint, checkpoint: string): Promise<void> {
  await pool.query(
    `with kept as (insert into signed_head values ($1, $2) on conflict do nothing)
     insert into published (size, checkpoint) values ($1, $2)
     on conflict (id) do update set size = excluded.size, checkpoint = excluded.checkpoint
     where published.size <= excluded.size`,
    [size, checkpoint],
  );
}

/** The published checkpoints of heads that end within a row of 256 entries or with it, smallest first. */
export async function headsOfRow(pool: Pool, row: bigint): Promise<string[]> {
  const { rows } = await pool.query<{ checkpoint: string }>(
    'select checkpoint from signed_head where size > $1 and size <= $2 order by size',
    [row * BigInt(TILE_WIDTH), (row + 1n) * BigInt(TILE_WIDTH)],
  );
  return rows.map(({ checkpoint }) => checkpoint);
}
