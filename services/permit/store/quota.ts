import { MeshError } from '#mesh/errors.ts';
import { inTransaction, type Pool, type PoolClient } from '#mesh/sql.ts';
import { chunkRows } from '../domain/quota.ts';
import { recentBrokers } from './leases.ts';

/** A broker's wish for rows of a permit's day ("YYYY-MM-DD"). */
export interface Wish {
  readonly reservationId: string;
  readonly permitId: string;
  readonly day: string;
  readonly needed: number;
}

/** Rows reserved, 0 when too few are left, and rows that nobody has reserved yet. */
export interface Reserved {
  readonly rows: number;
  readonly left: number;
}

interface Limit {
  limit: number;
  brokers: number;
}

/**
 * Reserves rows; the same reservation id again answers what it got before. The day's row is locked first, so that
 * reservations of one permit follow one another. Throws PERMIT_NOT_FOUND, PERMIT_REVOKED, PERMIT_SUSPENDED, or REQUEST_ID_REUSED when the
 * id stands for other rows or for some that were returned.
 */
export function reserveQuota(pool: Pool, wish: Wish): Promise<Reserved> {
  return inTransaction(pool, async (client) => {
    const { limit, brokers } = await findLimit(client, wish.permitId);
    const day = [wish.permitId, wish.day];
    // A renewal may have changed the limit; never below what brokers hold already.
    await client.query(
      `insert into quota (permit_id, day, day_limit) values ($1, $2, $3)
       on conflict (permit_id, day) do update set day_limit = greatest(excluded.day_limit, quota.reserved)`,
      [...day, limit],
    );
    const { rows: quotas } = await client.query<{ reserved: number }>(
      'select reserved from quota where permit_id = $1 and day = $2 for update',
      day,
    );
    const reserved = Math.min(quotas[0]?.reserved ?? limit, limit);
    const earlier = await findReservation(client, wish);
    if (earlier !== undefined) return { rows: earlier, left: limit - reserved };

    const rows = chunkRows({ limit, reserved, needed: wish.needed, brokers });
    if (rows === 0) return { rows, left: limit - reserved };
    const inserted = await client.query(
      `insert into quota_reservations (reservation_id, permit_id, day, rows) values ($1, $2, $3, $4)
       on conflict do nothing`,
      [wish.reservationId, ...day, rows],
    );
    if (inserted.rowCount === 0) throw new MeshError('REQUEST_ID_REUSED');
    const taken = await client.query(
      `update quota set reserved = reserved + $3
       where permit_id = $1 and day = $2 and reserved + $3 <= day_limit`,
      [...day, rows],
    );
    if (taken.rowCount !== 1) throw new Error('the quota changed under its lock');
    return { rows, left: limit - reserved - rows };
  });
}

async function findLimit(client: PoolClient, permitId: string): Promise<Limit> {
  const { rows } = await client.query<Limit & { revoked: boolean; suspended: boolean }>(
    `select quota_per_day as "limit", revoke_version is not null as revoked,
       suspension_id is not null as suspended, ${recentBrokers} as brokers
     from permits where permit_id = $1 and policy_version is not null`,
    [permitId],
  );
  const [permit] = rows;
  if (!permit) throw new MeshError('PERMIT_NOT_FOUND');
  if (permit.revoked) throw new MeshError('PERMIT_REVOKED');
  if (permit.suspended) throw new MeshError('PERMIT_SUSPENDED');
  return permit;
}

async function findReservation(client: PoolClient, wish: Wish): Promise<number | undefined> {
  const { rows } = await client.query<{ rows: number; same: boolean }>(
    `select rows, permit_id = $2 and day = $3 and returned is null as same
     from quota_reservations where reservation_id = $1`,
    [wish.reservationId, wish.permitId, wish.day],
  );
  if (rows[0]?.same === false) throw new MeshError('REQUEST_ID_REUSED');
  return rows[0]?.rows;
}

/**
 * Takes back rows of a reservation, once: a second return of the same reservation changes nothing, whatever it says.
 * Throws REQUEST_INVALID when there is no such reservation or it was smaller.
 */
export async function returnQuota(pool: Pool, reservationId: string, rows: number): Promise<void> {
  await pool.query(
    `with back as (
       update quota_reservations set returned = $2 where reservation_id = $1 and returned is null and rows >= $2
       returning permit_id, day
     )
     update quota set reserved = reserved - $2 from back where (quota.permit_id, quota.day) = (back.permit_id, back.day)`,
    [reservationId, rows],
  );
  const found = await pool.query<{ returned: number | null }>(
    'select returned from quota_reservations where reservation_id = $1',
    [reservationId],
  );
  if (typeof found.rows[0]?.returned === 'number') return;
  const violation = found.rows[0]
    ? { field: 'rows', description: 'is more than was reserved' }
    : { field: 'reservation_id', description: 'is not known' };
  throw new MeshError('REQUEST_INVALID', { violations: [violation] });
}
