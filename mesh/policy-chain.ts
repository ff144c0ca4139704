import { hash } from 'node:crypto';

/** Digest of the policy before its first change. */
export const GENESIS: Buffer = Buffer.alloc(32);

/** The policy's digest after a change: SHA-256(digest before || bytes of the change). */
export function nextDigest(before: Uint8Array, change: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([before, change]), 'buffer');
}
