import type { Pool } from '#mesh/sql.ts';

/** Entries looked at in one transaction, which holds up appends for some milliseconds. */
const SPAN = 5_000;

/** Removes what was sealed under a purpose before a moment (microseconds since 1970 UTC); answers how many parts. */
export async function removeSealed(pool: Pool, purpose: number, beforeUs: bigint): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rows } = await pool.query<{ removed: bigint | null }>('select remove_sealed($1, $2, $3) as removed', [
      purpose,
      beforeUs,
      SPAN,
    ]);
    const some = rows[0]?.removed ?? null;
    if (some === null) return removed;
    removed += Number(some);
  }
}
