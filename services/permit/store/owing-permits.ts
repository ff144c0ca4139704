import type { Pool, PoolClient } from '#mesh/sql.ts';
import { type Page, selectPage } from './page.ts';
import { PERMIT_STATE, type PermitRow, readPermit, type StoredPermit } from './permit-row.ts';
import type { Reach } from './reach.ts';

const OWING = 'owes and policy_version is not null and revoke_version is null';

/** A page of permits within reach that owe anything, newest first. */
export async function listOwing(
  pool: Pool,
  reach: Reach,
  page: Page,
): Promise<{ items: StoredPermit[]; last: bigint | undefined }> {
  const source = {
    table: `(select *, ${PERMIT_STATE} as state from permits) as permits`,
    bytes: 'octet_length(izin)',
    condition: `${OWING} and $6::int = 0`,
  };
  const { rows, last } = await selectPage<PermitRow>(pool, source, reach, page, 0);
  return { items: rows.map(readPermit), last };
}

/** Permits whose duties were not looked at on a day ("YYYY-MM-DD"). */
export async function permitsUnseen(pool: Pool, day: string): Promise<string[]> {
  const { rows } = await pool.query<{ permitId: string }>(
    `select permit_id as "permitId" from permits where ${OWING} and duties_seen_on is distinct from $1::date`,
    [day],
  );
  return rows.map(({ permitId }) => permitId);
}

/** One of them, locked until the transaction ends; undefined when somebody else has it or has looked at it. */
export async function findUnseen(client: PoolClient, permitId: string, day: string): Promise<StoredPermit | undefined> {
  const { rows } = await client.query<PermitRow>(
    `select *, ${PERMIT_STATE} as state from permits
     where permit_id = $1 and ${OWING} and duties_seen_on is distinct from $2::date for update skip locked`,
    [permitId, day],
  );
  return rows[0] && readPermit(rows[0]);
}

/** Its duties were looked at on a day. */
export async function setSeen(client: PoolClient, permitId: string, day: string): Promise<void> {
  await client.query('update permits set duties_seen_on = $2 where permit_id = $1', [permitId, day]);
}

/** Keeps what the brokers are told of its duties: bytes of a PermitWarned without the permit's id. */
export async function setWarned(client: PoolClient, permitId: string, late: Buffer): Promise<void> {
  await client.query('update permits set late_duties = $2 where permit_id = $1', [permitId, late]);
}
