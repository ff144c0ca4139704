import { MeshError } from '#mesh/errors.ts';
import { signerOf } from '#mesh/izin.ts';
import { withKeyOrder } from '#mesh/signing-key-order.ts';
import type { SigningKeys } from '#mesh/signing-keys.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';

/** A signed order, with the version of the policy from which it counts; null while its record is not committed. */
export interface StoredKeyOrder {
  readonly jws: string;
  readonly policyVersion: bigint | null;
}

/** The keys in force, derived as every broker does: what does not verify in its place counts for nothing. */
export async function signingKeysNow(db: Pool | PoolClient, pinned: SigningKeys): Promise<SigningKeys> {
  const { rows } = await db.query<{ jws: string }>(
    'select jws from signing_key_orders where policy_version is not null order by policy_version',
  );
  let keys = pinned;
  for (const { jws } of rows)
    keys = await withKeyOrder(keys, jws).then(
      (ordered) => ordered.keys,
      () => keys,
    );
  return keys;
}

/**
 * The keys whose signatures are taken in now: of one that has expired nothing more is, whatever time the document claims to
 * be signed at. Brokers read old documents too, and hold the validity against that time.
 */
export async function signersNow(db: Pool | PoolClient, pinned: SigningKeys): Promise<SigningKeys> {
  const keys = await signingKeysNow(db, pinned);
  const nowMs = Date.now();
  const over = [...keys.values()].filter(({ notAfterMs }) => notAfterMs < nowMs);
  return new Map([...keys, ...over.map((key) => [key.thumbprint, { ...key, notAfterMs: -Infinity }] as const)]);
}

/** Keeps a signed order; without a version it does not count yet. */
export async function insertKeyOrder(
  client: PoolClient,
  order: { event: Buffer; jws: string; ends: string; policyVersion?: bigint },
): Promise<void> {
  await client.query('insert into signing_key_orders (event, jws, ends, policy_version) values ($1, $2, $3, $4)', [
    order.event,
    order.jws,
    order.ends,
    order.policyVersion ?? null,
  ]);
}

/** The order whose record this is; undefined when the record tells something else. */
export async function findKeyOrder(db: Pool | PoolClient, event: Buffer): Promise<StoredKeyOrder | undefined> {
  const { rows } = await db.query<StoredKeyOrder>(
    'select jws, policy_version as "policyVersion" from signing_key_orders where event = $1',
    [event],
  );
  return rows[0];
}

/** From this version of the policy on the order counts. */
export async function setOrdered(client: PoolClient, event: Buffer, policyVersion: bigint): Promise<void> {
  await client.query('update signing_key_orders set policy_version = $2 where event = $1', [event, policyVersion]);
}

/**
 * Whether the key that signed a document still signs, until the transaction ends: the head is locked, and no order enters
 * the policy meanwhile. To be asked before the document enters it; who signed was verified before.
 */
export async function isSignerInForce(client: PoolClient, jws: string): Promise<boolean> {
  await client.query('select from policy_head for update');
  const { rowCount } = await client.query(
    'select from signing_key_orders where ends = $1 and policy_version is not null',
    [signerOf(jws)],
  );
  return rowCount === 0;
}

/** The same. Throws SIGNING_KEY_ENDED. */
export async function requireSignerInForce(client: PoolClient, jws: string): Promise<void> {
  if (!(await isSignerInForce(client, jws))) throw new MeshError('SIGNING_KEY_ENDED');
}
