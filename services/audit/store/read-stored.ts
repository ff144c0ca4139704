import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Pool } from '#mesh/sql.ts';
import type { StoredEntry, StoredPart } from '../domain/check-stored.ts';

interface PartRow extends Omit<StoredPart, 'key'> {
  readonly keyId: bigint;
  readonly keyOwner: Buffer;
  readonly master: number;
  readonly wrapped: Buffer | null;
}

const entries = {
  name: 'stored-entries',
  text: `select index, uuid_send(event_id) as "eventId", time_us as "timeUs", kind, opd, method, reason, leaf,
    leaf_hash as "leafHash", commitments
  from entry where index >= $1 and index < $2 order by index`,
};

// With its key in one statement, and so in one moment: an erasure removes both at once.
const parts = {
  name: 'stored-parts',
  text: `select access.index, access.owner_tag as "ownerTag", purpose, sealed, access.key_id as "keyId",
    seal_key.owner_tag as "keyOwner", master, wrapped
  from access left join seal_key using (key_id) where access.index >= $1 and access.index < $2`,
};

/** Reads what is stored of the records from `from` up to, not including, `below`: rows in order, and the parts beside each. */
export async function readStored(
  pool: Pool,
  from: bigint,
  below: bigint,
): Promise<{ rows: readonly StoredEntry[]; parts: ReadonlyMap<bigint, readonly StoredPart[]> }> {
  const values = [from, below];
  const [{ rows }, beside] = await Promise.all([
    pool.query<StoredEntry>({ ...entries, values }),
    pool.query<PartRow>({ ...parts, values }),
  ]);
  return { rows, parts: Map.groupBy(beside.rows.map(partOf), ({ index }) => index) };
}

function partOf({ index, ownerTag, purpose, sealed, keyId, keyOwner, master, wrapped }: PartRow): StoredPart {
  const key = wrapped ? { keyId, ownerTag: keyOwner, master, wrapped } : undefined;
  return { index, ownerTag, purpose, sealed, key };
}

/** The index of the newest erasure; -1 when there is none. What was sealed before may be gone. */
export async function lastErasure(pool: Pool): Promise<bigint> {
  const { rows } = await pool.query<{ last: bigint | null }>(
    `select max(index) as last from entry where kind = ${Kind.ERASURE}`,
  );
  return rows[0]?.last ?? -1n;
}
