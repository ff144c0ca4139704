import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Pool } from '#mesh/sql.ts';
import type { AccessRow, Withheld } from '../domain/list-accesses.ts';

const columns = `entry.index, leaf, leaf_hash as "leafHash", commitments,
  access.owner_tag as "ownerTag", access.key_id as "keyId", access.sealed as "sealed"`;

// What is withheld is left out before anything is counted, so that it leaves no trace in a page or its token.
const shown = `not exists (
  select from unnest($2::int[], $3::bigint[]) as late (purpose, from_us)
  where late.purpose = access.purpose and entry.time_us >= late.from_us
)`;

/** What can be read of who is concerned where. */
export function accessReader(pool: Pool) {
  const read = async (name: string, text: string, values: unknown[]): Promise<AccessRow[]> =>
    (await pool.query<AccessRow>({ name, text, values })).rows;
  const withholding = (withheld: readonly Withheld[]) => [
    withheld.map(({ purpose }) => purpose),
    withheld.map(({ fromUs }) => fromUs),
  ];

  return {
    /** Disclosures that concern an owner, newest first, below an index, without what is withheld. */
    of: (ownerTag: Buffer, below: bigint, limit: number, withheld: readonly Withheld[]): Promise<AccessRow[]> =>
      read(
        'accesses-of',
        `select ${columns} from access join entry using (index)
         where owner_tag = $1 and entry.index < $4 and kind = ${Kind.DISCLOSED} and ${shown}
         order by access.index desc limit $5`,
        [ownerTag, ...withholding(withheld), below, limit],
      ),

    /** Whoever is concerned in these records. */
    in: (indexes: readonly bigint[]): Promise<AccessRow[]> =>
      read('accesses-in', `select ${columns} from access join entry using (index) where access.index = any($1)`, [
        indexes,
      ]),
  };
}
