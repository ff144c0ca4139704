import { nextDigest } from '#mesh/policy-chain.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';

// One answer stays well below the 4 MiB that gRPC takes, whatever the size of its changes (at most 200 kB each).
const MAX_CHANGES = 1_000;
const MAX_CHANGES_BYTES = 2 * 1024 * 1024;
// The largest bigint; the contract's uint64 goes further.
const LAST_VERSION = (1n << 63n) - 1n;

/**
 * Appends a change to the policy and answers its version. The head stays locked until the transaction ends: changes
 * have one order, and no lease is renewed at the version before once this one is committed.
 */
export async function appendChange(client: PoolClient, change: Buffer): Promise<bigint> {
  const { rows } = await client.query<{ version: bigint; digest: Buffer }>(
    'select version, digest from policy_head for update',
  );
  const [head] = rows;
  if (!head) throw new Error('policy_head has no row');
  const version = head.version + 1n;
  const digest = nextDigest(head.digest, change);
  await client.query('insert into policy_log (version, change, digest) values ($1, $2, $3)', [version, change, digest]);
  await client.query('update policy_head set version = $1, digest = $2', [version, digest]);
  return version;
}

/** An SQL query: version and change of the first changes of the policy log that meet a condition, as many as fit one answer. */
export const firstChanges = (condition: string) => `
  select version, change from (
    select version, change, sum(octet_length(change)) over (order by version) as bytes
    from policy_log where ${condition} order by version limit ${MAX_CHANGES}
  ) as next where bytes <= ${MAX_CHANGES_BYTES}`;

/** Changes of the policy behind one version, up to another, in order and as many as fit one answer. */
export async function changesBetween(pool: Pool, after: bigint, upTo: bigint): Promise<Buffer[]> {
  if (after >= LAST_VERSION) return [];
  const { rows } = await pool.query<{ change: Buffer }>(
    `${firstChanges('version > $1 and version <= $2')} order by version`,
    [after, upTo < LAST_VERSION ? upTo : LAST_VERSION],
  );
  return rows.map(({ change }) => change);
}
