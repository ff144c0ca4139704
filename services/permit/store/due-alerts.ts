import type { Pool } from '#mesh/sql.ts';

/** Something about a permit that the security team should know before its OPD is surprised by it. */
export interface DueAlert {
  readonly rule: 'QUOTA_80' | 'PERMIT_EXPIRES';
  readonly opd: string;
  readonly permitId: string;
  /** Percent of the day's quota that brokers hold, or days that are left. */
  readonly count: number;
  /** Which time it is: the day of the quota, the end of the validity. */
  readonly occasion: string;
}

/** Everything that is due now, whether or not it was told already. */
export async function dueAlerts(pool: Pool): Promise<DueAlert[]> {
  const { rows } = await pool.query<DueAlert>(
    `select 'QUOTA_80' as rule, p.opd, p.permit_id as "permitId", (100 * q.reserved / q.day_limit)::int as count,
       q.day::text as occasion
     from quota q join permits p using (permit_id)
     where q.day = (clock_timestamp() at time zone 'Asia/Jakarta')::date
       and q.day_limit > 0 and q.reserved * 100::bigint >= q.day_limit * 80::bigint
     union all
     select 'PERMIT_EXPIRES', opd, permit_id, extract(day from valid_until - clock_timestamp())::int, extract(epoch from valid_until)::text
     from permits
     where policy_version is not null and revoke_version is null
       and valid_until > clock_timestamp() and valid_until < clock_timestamp() + interval '30 days'`,
  );
  return rows;
}

/** Which of these event ids are in the outbox, recorded or not. */
export async function knownEvents(pool: Pool, eventIds: readonly Buffer[]): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ event_id: Buffer }>('select event_id from outbox where event_id = any ($1)', [
    eventIds,
  ]);
  return new Set(rows.map(({ event_id }) => event_id.toString('hex')));
}
