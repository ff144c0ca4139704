import { nextDigest } from '#mesh/policy-chain.ts';
import { inTransaction, openPool } from '#mesh/sql.ts';

/**
 * Rewrites the policy as somebody would who can write the permit service's database: other changes, their digests right, and
 * a new incarnation. `serverUrl` is a mesh's Postgres. Answers the changes as they were.
 */
export async function rewritePolicyLog(
  serverUrl: string,
  rewrite: (changes: readonly Buffer[]) => readonly Buffer[],
): Promise<Buffer[]> {
  const url = new URL(serverUrl);
  url.pathname = '/permit';
  const pool = openPool(url.href, { max: 1 });
  try {
    return await inTransaction(pool, async (client) => {
      await client.query('select from policy_head for update');
      const { rows } = await client.query<{ change: Buffer }>('select change from policy_log order by version');
      const before = rows.map(({ change }) => change);
      await client.query('delete from policy_log');
      let digest: Buffer = Buffer.alloc(32);
      let version = 0n;
      for (const change of rewrite(before)) {
        version += 1n;
        digest = nextDigest(digest, change);
        const row = [version, change, digest];
        await client.query('insert into policy_log (version, change, digest) values ($1, $2, $3)', row);
      }
      const head = [version, digest];
      await client.query('update policy_head set version = $1, digest = $2, incarnation = gen_random_uuid()', head);
      return before;
    });
  } finally {
    await pool.end();
  }
}
