import {
  type OperatorEntry,
  type OperatorKey,
  type OperatorKeyAlgorithm,
  type OperatorKeyEntry,
  OperatorState,
} from '#gen/rangkiang/permit/v1/operator.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';
import { type Page, selectPage } from './page.ts';
import type { Reach } from './reach.ts';

/** A withdrawal: its record, and the version of the policy from which it counts. */
export interface Withdrawal {
  readonly event: Buffer;
  readonly version: bigint;
}

/** A registered key with what the service itself needs of it. */
export interface StoredOperatorKey {
  readonly entry: OperatorKeyEntry;
  readonly publicKey: Buffer;
  readonly registerEvent: Buffer;
  readonly withdrawal: Withdrawal | undefined;
}

interface EntryRow {
  issuer: string;
  kid: string;
  algorithm: OperatorKeyAlgorithm;
  operator: string;
  registered_at: Date | null;
  withdrawn_at: Date | null;
  policy_version: bigint | null;
}

type KeyRow = EntryRow & {
  public_key: Buffer;
  register_event: Buffer;
  withdraw_event: Buffer | null;
  withdraw_version: bigint | null;
};

function readEntry(row: EntryRow): OperatorKeyEntry {
  const { issuer, kid, algorithm, operator, registered_at, withdrawn_at, policy_version } = row;
  const counts = policy_version === null ? OperatorState.PENDING : OperatorState.ACTIVE;
  return {
    issuer,
    kid,
    algorithm,
    operator,
    state: withdrawn_at === null ? counts : OperatorState.WITHDRAWN,
    registerTime: registered_at ?? undefined,
    withdrawTime: withdrawn_at ?? undefined,
  };
}

/** Lets one change of an OPD's operators follow the other. Answers false when the OPD is not registered. */
export async function lockOperators(client: PoolClient, opd: string): Promise<boolean> {
  const { rowCount } = await client.query('select from opd where code = $1 for no key update', [opd]);
  return rowCount === 1;
}

/** All keys that an issuer of an OPD has or had. */
export async function keysOfIssuer(db: Pool | PoolClient, opd: string, issuer: string): Promise<StoredOperatorKey[]> {
  const { rows } = await db.query<KeyRow>(
    `select operator_keys.*, policy_version from operator_keys join operator_registrations on event = register_event
     where opd = $1 and issuer = $2 order by number`,
    [opd, issuer],
  );
  return rows.map((row) => ({
    entry: readEntry(row),
    publicKey: row.public_key,
    registerEvent: row.register_event,
    withdrawal:
      row.withdraw_event === null || row.withdraw_version === null
        ? undefined
        : { event: row.withdraw_event, version: row.withdraw_version },
  }));
}

/** How many keys of an OPD are not withdrawn. */
export async function countKeys(client: PoolClient, opd: string): Promise<number> {
  const { rows } = await client.query<{ keys: number }>(
    'select count(*)::int as keys from operator_keys where opd = $1 and withdraw_version is null',
    [opd],
  );
  return rows[0]?.keys ?? 0;
}

/** Keeps keys that do not count yet, and the change that will let them count. */
export async function insertKeys(
  client: PoolClient,
  registration: {
    opd: string;
    issuer: string;
    operator: string;
    keys: readonly OperatorKey[];
    event: Buffer;
    change: Buffer;
  },
): Promise<void> {
  const { opd, issuer, operator, keys, event, change } = registration;
  await client.query('insert into operator_registrations (event, change) values ($1, $2)', [event, change]);
  for (const { kid, algorithm, publicKey } of keys) {
    await client.query(
      `insert into operator_keys (opd, issuer, kid, algorithm, public_key, operator, register_event)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [opd, issuer, kid, algorithm, publicKey, operator, event],
    );
  }
}

/** The change of a registration whose record this is; undefined when the record tells something else. */
export async function findRegistration(client: PoolClient, event: Buffer): Promise<Buffer | undefined> {
  const { rows } = await client.query<{ change: Buffer }>(
    'select change from operator_registrations where event = $1 and policy_version is null',
    [event],
  );
  return rows[0]?.change;
}

/** From this version of the policy on the keys of a registration count. */
export async function setRegistered(client: PoolClient, event: Buffer, version: bigint): Promise<void> {
  await client.query('update operator_registrations set policy_version = $2 where event = $1', [event, version]);
}

/** From this version of the policy on these keys count no longer. */
export async function setKeysWithdrawn(
  client: PoolClient,
  keys: { opd: string; issuer: string; kids: readonly string[] },
  { version, event }: Withdrawal,
): Promise<void> {
  await client.query(
    `update operator_keys set withdraw_version = $4, withdraw_event = $5, withdrawn_at = clock_timestamp()
     where opd = $1 and issuer = $2 and kid = any($3)`,
    [keys.opd, keys.issuer, keys.kids, version, event],
  );
}

/** An operator's withdrawal; undefined when there was none. */
export async function findWithdrawn(
  client: PoolClient,
  opd: string,
  operator: string,
): Promise<(Withdrawal & { time: Date }) | undefined> {
  const { rows } = await client.query<Withdrawal & { time: Date }>(
    `select withdraw_event as event, withdraw_version as version, withdrawn_at as time
     from withdrawn_operators where opd = $1 and operator = $2`,
    [opd, operator],
  );
  return rows[0];
}

/** From this version of the policy on an operator counts no longer. Answers when that was written. */
export async function insertWithdrawn(
  client: PoolClient,
  { opd, operator }: { opd: string; operator: string },
  { version, event }: Withdrawal,
): Promise<Date> {
  const { rows } = await client.query<{ time: Date }>(
    `insert into withdrawn_operators (opd, operator, withdraw_event, withdraw_version) values ($1, $2, $3, $4)
     returning withdrawn_at as time`,
    [opd, operator, event, version],
  );
  if (!rows[0]) throw new Error('a withdrawal was not written');
  return rows[0].time;
}

/** A page of keys and withdrawn operators within reach, newest first. */
export async function listOperatorEntries(
  pool: Pool,
  reach: Reach,
  page: Page,
): Promise<{ items: OperatorEntry[]; last: bigint | undefined }> {
  const bytes = 'octet_length(issuer) + octet_length(kid) + octet_length(operator)';
  const source = { table: 'operator_entries', bytes, condition: '$6::int = 0' };
  const { rows, last } = await selectPage<EntryRow>(pool, source, reach, page, 0);
  const items = rows.map((row): OperatorEntry => {
    if (row.kid !== '') return { subject: { $case: 'key', value: readEntry(row) } };
    const value = { operator: row.operator, withdrawTime: row.withdrawn_at ?? undefined };
    return { subject: { $case: 'withdrawnOperator', value } };
  });
  return { items, last };
}
