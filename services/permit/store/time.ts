import type { Pool } from '#mesh/sql.ts';

/** The time by the clock of Postgres, which all replicas share. */
export async function authorityTime(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  return rows[0]?.now ?? new Date(Number.NaN);
}
