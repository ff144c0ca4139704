import { createDecipheriv, hkdfSync } from 'node:crypto';
import { Entry } from '#gen/rangkiang/audit/v1/audit.ts';

/**
 * Opens a sealed part by what services/audit/domain/seal.ts says of its format and with no code of ours: whoever holds the seal
 * key must be able to. Throws when it does not belong to this leaf hash.
 */
export function openSealed(sealed: Buffer, sealKey: Buffer, leafHash: Buffer): Entry {
  const key = Buffer.from(hkdfSync('sha256', sealKey, '', `rangkiang audit entry ${leafHash[0]}`, 32));
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAAD(leafHash).setAuthTag(sealed.subarray(-16));
  return Entry.decode(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]));
}
