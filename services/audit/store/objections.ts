import type { Pool } from '#mesh/sql.ts';

/** An objection as it is stored. */
export interface ObjectionRow {
  readonly objectionId: string;
  /** Of the record that it is about. */
  readonly index: bigint;
  readonly keyId: bigint;
  readonly sealed: Buffer;
  readonly openTime: Date;
  readonly remark: string | null;
  readonly closeTime: Date | null;
}

const columns = `objection_id as "objectionId", index, key_id as "keyId", sealed, opened_at as "openTime",
  remark, closed_at as "closeTime"`;
const MOST = 200;

/** The objections in Postgres. */
export function objectionStore(pool: Pool) {
  return {
    /** Opens one; done already under this id, it stays as it is. */
    open: async ({
      objectionId,
      index,
      keyId,
      sealed,
    }: Pick<ObjectionRow, 'objectionId' | 'index' | 'keyId' | 'sealed'>) => {
      const text =
        'insert into objection (objection_id, index, key_id, sealed) values ($1, $2, $3, $4) on conflict do nothing';
      await pool.query(text, [objectionId, index, keyId, sealed]);
    },

    /** At most 200, those that wait longest first, or with closed ones the newest. */
    list: async (withClosed: boolean): Promise<ObjectionRow[]> => {
      const which = withClosed ? 'order by opened_at desc' : 'where closed_at is null order by opened_at';
      return (await pool.query<ObjectionRow>(`select ${columns} from objection ${which} limit ${MOST}`)).rows;
    },

    /** One that is open. */
    find: async (objectionId: string): Promise<ObjectionRow | undefined> => {
      const text = `select ${columns} from objection where objection_id = $1 and closed_at is null`;
      return (await pool.query<ObjectionRow>(text, [objectionId])).rows[0];
    },

    /** Closes one that is open. */
    close: async (objectionId: string, remark: string): Promise<void> => {
      const text = 'update objection set remark = $2, closed_at = now() where objection_id = $1 and closed_at is null';
      await pool.query(text, [objectionId, remark]);
    },
  };
}

/** What `objectionStore` gives. */
export type ObjectionStore = ReturnType<typeof objectionStore>;
