import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { quickRandomBytes } from '#mesh/random.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * nonce (12 random bytes) || AES-256-GCM(key, nonce, aad, plain) || tag (16); 5 us. `aad` ties it to its place: moved, it does
 * not open. A key as bytes instead of a KeyObject would cost 15 us more at each use. One key is safe for 2^32 of them.
 */
export function seal(key: KeyObject, aad: Buffer, plain: Uint8Array): Buffer {
  const nonce = quickRandomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
  const sealed = cipher.update(plain);
  cipher.final();
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
}

/** What was sealed. Throws when key or place are others, or a bit has changed. */
export function open(key: KeyObject, aad: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(aad).setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}
