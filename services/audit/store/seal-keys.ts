import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Pool } from '#mesh/sql.ts';
import type { MasterKeys, WrappedKey } from '../domain/master-keys.ts';
import { TAG_BYTES } from '../domain/seal.ts';

const columns = 'key_id as "keyId", owner_tag as "ownerTag", master, wrapped';
/** The key under which owners' tags are made has no owner and this name. */
const TAG_KEY_ID = 0n;
const NOBODY = Buffer.alloc(TAG_BYTES);
/** Wrapped anew at once; 10 us each. */
const REWRAPPED_AT_ONCE = 1_000;

/** The key store in Postgres; what it holds can be opened with the master keys only. */
export function keyStore(pool: Pool, masters: MasterKeys) {
  const unwrapped = (row: WrappedKey): KeyObject => createSecretKey(masters.unwrap(row));

  return {
    /** A key of the store, opened. Throws when it was changed, or our master keys are not its. */
    unwrap: unwrapped,

    /** The key of owners' tags, made when there is none. Throws when our master keys are not those of the store. */
    tagKey: async (): Promise<KeyObject> => {
      const { wrapped, master } = masters.wrap(TAG_KEY_ID, NOBODY, randomBytes(32));
      const made = [TAG_KEY_ID, NOBODY, master, wrapped];
      await pool.query('insert into seal_key values ($1, $2, $3, $4) on conflict do nothing', made);
      const { rows } = await pool.query<WrappedKey>(`select ${columns} from seal_key where key_id = $1`, [TAG_KEY_ID]);
      return unwrapped(rows[0] as WrappedKey);
    },

    /** How often keys were destroyed. */
    destructions: async (): Promise<bigint> => {
      const { rows } = await pool.query<{ count: bigint }>('select count from destruction');
      return rows[0]?.count ?? 0n;
    },

    /** The keys that were condemned after so many destructions, and how many there are now. */
    condemnedSince: async (destructions: bigint): Promise<{ keyIds: Set<bigint>; destructions: bigint }> => {
      const { rows } = await pool.query<{ count: bigint; ids: string[] }>(
        `select count, array(
           select key_id from destroyed_key where destruction > $1 and destruction <= count
         ) as ids from destruction`,
        [destructions],
      );
      const [now] = rows;
      return { keyIds: new Set(now?.ids.map(BigInt)), destructions: now?.count ?? destructions };
    },

    /** Lets nobody seal with an owner's keys any more; answers their names. What has an index by now is sealed under these. */
    condemn: async (ownerTag: Buffer): Promise<bigint[]> => {
      const { rows } = await pool.query<{ keyId: bigint }>('select condemn_keys($1) as "keyId"', [ownerTag]);
      return rows.map(({ keyId }) => keyId);
    },

    /** Destroys keys and what was sealed under them; answers how many were still there. */
    destroy: async (keyIds: readonly bigint[]): Promise<bigint> => {
      const { rows } = await pool.query<{ gone: bigint }>('select destroy_keys($1) as gone', [keyIds]);
      return rows[0]?.gone ?? 0n;
    },

    /** The names of all keys that the log says are destroyed. */
    erasedByLog: async (): Promise<bigint[]> => {
      const { rows } = await pool.query<{ leaf: Buffer }>('select leaf from entry where kind = 18 order by index');
      return rows.flatMap(({ leaf }) => Leaf.decode(leaf).erasedKeys);
    },

    /** The keys of these names, by name; those that are destroyed are missing. */
    open: async (keyIds: readonly bigint[]): Promise<Map<bigint, KeyObject>> => {
      const text = `select ${columns} from seal_key where key_id = any($1)`;
      const { rows } = await pool.query<WrappedKey>(text, [keyIds]);
      return new Map(rows.map((row) => [row.keyId, unwrapped(row)]));
    },

    /** Wraps some keys anew that another master key wraps; answers how many. 0: the older master keys can go. */
    rewrapSome: async (): Promise<number> => {
      const { rows } = await pool.query<WrappedKey>(
        `select ${columns} from seal_key where master <> $1 limit ${REWRAPPED_AT_ONCE}`,
        [masters.current],
      );
      const anew = rows.map((row) => masters.wrap(row.keyId, row.ownerTag, masters.unwrap(row)));
      await pool.query(
        `update seal_key set master = $1, wrapped = given.wrapped
         from unnest($2::bigint[], $3::bytea[]) as given (key_id, wrapped) where seal_key.key_id = given.key_id`,
        [masters.current, anew.map(({ keyId }) => keyId), anew.map(({ wrapped }) => wrapped)],
      );
      return anew.length;
    },
  };
}

/** What `keyStore` gives. */
export type KeyStore = ReturnType<typeof keyStore>;
