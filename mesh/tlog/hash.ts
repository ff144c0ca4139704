import { hash } from 'node:crypto';

/** Length of a hash in bytes. */
export const HASH_BYTES = 32;

/** The root of the tree without entries: SHA-256 of nothing. */
export const EMPTY_ROOT = Buffer.from(hash('sha256', '', 'hex'), 'hex');

const scratch = Buffer.alloc(1 + 2 * HASH_BYTES);
scratch[0] = 1;

/** The RFC 6962 hash of an interior node: SHA-256(0x01 || left || right). 0.7 us. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  scratch.set(left, 1);
  scratch.set(right, 1 + HASH_BYTES);
  return Buffer.from(hash('sha256', scratch, 'binary'), 'binary');
}

/** The hashes in a row of hashes, each a view of it. Throws RangeError when its length is no multiple of 32. */
export function splitHashes(row: Buffer): Buffer[] {
  if (row.length % HASH_BYTES !== 0) throw new RangeError(`${row.length} bytes are no row of hashes`);
  return Array.from({ length: row.length / HASH_BYTES }, (_, at) =>
    row.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
}

/** The root over a row of 2^n hashes: the same as of a TreeEdge, at a third of its cost. */
export function perfectRoot(row: Buffer): Buffer {
  const hashes = Buffer.from(row);
  for (let count = hashes.length / HASH_BYTES; count > 1; count /= 2) {
    for (let at = 0; at < count / 2; at++) {
      scratch.set(hashes.subarray(at * 2 * HASH_BYTES, (at + 1) * 2 * HASH_BYTES), 1);
      hashes.write(hash('sha256', scratch, 'binary'), at * HASH_BYTES, 'latin1');
    }
  }
  return hashes.subarray(0, HASH_BYTES);
}
