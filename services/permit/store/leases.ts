import type { Pool } from '#mesh/sql.ts';
import { firstChanges } from './policy.ts';

/** A broker counts among those alive for so long after it was last seen. */
const BROKER_SEEN = "interval '60 seconds'";

/** What a broker has installed. */
export interface Installed {
  readonly session: string;
  readonly incarnation: string;
  readonly version: bigint;
  readonly digest: Buffer;
}

/** The authority at one moment. */
export interface Authority {
  readonly incarnation: string;
  readonly version: bigint;
  readonly now: Date;
  /** Brokers seen in the last 60 s. */
  readonly brokers: number;
}

const RECENT = `seen_at > clock_timestamp() - ${BROKER_SEEN}`;

/** An SQL expression: how many brokers were seen in the last 60 s. */
export const recentBrokers = `(select count(*) from broker_leases where ${RECENT})::int`;

/**
 * Renews a broker's lease if what it has installed is the policy that counts; undefined when it is not. One statement
 * and so one transaction: it waits for a change that is being committed and then sees it, and a change waits for it.
 * A broker is on disk before it has its first lease. Later renewals are not waited for (2 ms instead of 10): one that a
 * crash of Postgres undoes leaves the broker with an older version, and a revocation then waits for it.
 */
export async function renewLease(pool: Pool, installed: Installed): Promise<Authority | undefined> {
  const { rows } = await pool.query<Authority>({
    name: 'renew-lease',
    text: `
      with durability as materialized (
        select set_config('synchronous_commit', case when exists (select from broker_leases where session = $1::uuid)
          then 'off' else 'on' end, true)
      ),
      head as (select incarnation, version, digest from policy_head, durability for share of policy_head),
      lease as (
        insert into broker_leases (session, version, seen_at)
        select $1::uuid, version, clock_timestamp() from head
        where incarnation::text = $2 and version = $3 and digest = $4
        on conflict (session) do update set version = excluded.version, seen_at = excluded.seen_at
        returning seen_at
      )
      select head.incarnation, head.version, lease.seen_at as now,
        1 + (select count(*) from broker_leases where session <> $1 and ${RECENT})::int as brokers
      from head, lease`,
    values: [installed.session, installed.incarnation, installed.version, installed.digest],
  });
  return rows[0];
}

/**
 * The policy that counts, and its changes after what a broker has installed, in order, as many as fit one answer. A
 * broker that has another incarnation, or none, gets them from the first.
 */
export async function changesAfter(
  pool: Pool,
  { incarnation, version }: Pick<Installed, 'incarnation' | 'version'>,
): Promise<Authority & { changes: Buffer[] }> {
  const { rows } = await pool.query<Authority & { change: Buffer | null }>(
    `select head.incarnation, head.version, clock_timestamp() as now, ${recentBrokers} as brokers, next.change
     from policy_head as head left join (
       ${firstChanges('version > (select case when incarnation::text = $1 then $2::bigint else 0 end from policy_head)')}
     ) as next on true
     order by next.version`,
    [incarnation, version],
  );
  const [first] = rows;
  if (!first) throw new Error('policy_head has no row');
  const { change: _, ...authority } = first;
  return { ...authority, changes: rows.flatMap(({ change }) => change ?? []) };
}

/** Of the brokers seen in the last 60 s, how many show a version or a later one, and how many an earlier one. */
export async function countBrokers(pool: Pool, version: bigint): Promise<{ current: number; behind: number }> {
  const { rows } = await pool.query<{ current: number; behind: number }>(
    `select (count(*) filter (where version >= $1))::int as current, (count(*) filter (where version < $1))::int as behind
     from broker_leases where ${RECENT}`,
    [version],
  );
  return rows[0] ?? { current: 0, behind: 0 };
}
