import { createDecipheriv, hkdfSync } from 'node:crypto';
import { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import type { Pool } from '#mesh/sql.ts';

function decrypt(key: Buffer, aad: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
}

/**
 * Opens what is sealed beside an entry by what services/audit/domain says of its format and with no code of ours: whoever holds
 * the master key must be able to. Each part is an Entry without a leaf; those whose key is destroyed are missing. Throws when
 * a part does not belong to this entry.
 */
export async function openSealed(pool: Pool, master: Buffer, index: bigint): Promise<Entry[]> {
  const { rows } = await pool.query(
    `select access.sealed, leaf_hash, seal_key.* from access join entry using (index)
     join seal_key on seal_key.key_id = access.key_id
     where index = $1 order by access.owner_tag`,
    [index],
  );
  const wrapKey = Buffer.from(hkdfSync('sha256', master, '', 'rangkiang audit wrap', 32));
  return rows.map((row) => {
    const name = Buffer.alloc(8);
    name.writeBigInt64BE(row.key_id);
    const key = decrypt(wrapKey, Buffer.concat([name, row.owner_tag]), row.wrapped);
    return Entry.decode(decrypt(key, row.leaf_hash, row.sealed));
  });
}
