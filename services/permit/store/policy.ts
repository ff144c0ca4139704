import { nextDigest } from '#mesh/policy-chain.ts';
import type { PoolClient } from '#mesh/sql.ts';

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
