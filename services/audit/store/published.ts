import type { Pool } from '#mesh/sql.ts';

/** The checkpoint that was published last; empty before the first. */
export async function loadPublished(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ checkpoint: string }>('select checkpoint from published');
  return rows[0]?.checkpoint ?? '';
}

/** Keeps the newest; one of a smaller log, which a slower replica brings, changes nothing. */
export async function savePublished(pool: Pool, size: bigint, checkpoint: string): Promise<void> {
  await pool.query(
    `insert into published (size, checkpoint) values ($1, $2)
     on conflict (id) do update set size = excluded.size, checkpoint = excluded.checkpoint
     where published.size <= excluded.size`,
    [size, checkpoint],
  );
}
