import type { Pool } from '#mesh/sql.ts';

/**
 * Deletes what nobody asks for any more: leases of brokers that were not seen for a day, and the quota of days more
 * than a week ago. Such days cannot be reserved again, so nothing deleted here could be granted twice.
 */
export async function deleteExpired(pool: Pool): Promise<void> {
  await pool.query("delete from broker_leases where seen_at < clock_timestamp() - interval '1 day'");
  await pool.query('delete from quota_reservations where day < current_date - 7');
  await pool.query(
    'delete from quota where day < current_date - 7 and not exists (select from quota_reservations r where r.permit_id = quota.permit_id and r.day = quota.day)',
  );
}
