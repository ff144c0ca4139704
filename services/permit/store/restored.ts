import { inTransaction, type Pool } from '#mesh/sql.ts';

/**
 * Makes a database that was restored from a copy safe to serve from, before any process of the permit service runs on it.
 * It becomes a new incarnation, so that brokers install the policy anew and compare it with what they have seen. What was
 * reserved since the copy was made is not known, so the quota of yesterday, today and tomorrow counts as used up for every
 * permit, and no reservation can be returned any more: allowance is lost for a day, and none is granted twice.
 */
export async function confirmRestored(pool: Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('update policy_head set incarnation = gen_random_uuid()');
    await client.query('update quota_reservations set returned = 0 where returned is null');
    await client.query(
      `insert into quota (permit_id, day, reserved, day_limit)
       select permit_id, (clock_timestamp() at time zone 'Asia/Jakarta')::date + days, quota_per_day, quota_per_day
       from permits, generate_series(-1, 1) as days
       on conflict (permit_id, day) do update set reserved = excluded.day_limit, day_limit = excluded.day_limit`,
    );
  });
}
