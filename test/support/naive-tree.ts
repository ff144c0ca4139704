import { createHash } from 'node:crypto';

// A second reading of RFC 6962, section 2.1, and of C2SP tlog-tiles, word for word and with no code of ours.

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const node = (left: Buffer, right: Buffer) => sha256(Buffer.from([1]), left, right);

function k(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** MTH. */
export function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0] as Buffer;
  const at = k(leaves.length);
  return node(naiveRoot(leaves.slice(0, at)), naiveRoot(leaves.slice(at)));
}

/** PATH(m, D[n]). */
export function naivePath(m: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const at = k(leaves.length);
  const [left, right] = [leaves.slice(0, at), leaves.slice(at)];
  return m < at ? [...naivePath(m, left), naiveRoot(right)] : [...naivePath(m - at, right), naiveRoot(left)];
}

/** PROOF(m, D[n]); empty for the empty tree, of which the RFC does not speak. */
export function naiveConsistency(m: number, leaves: readonly Buffer[]): Buffer[] {
  return m === 0 ? [] : subproof(m, leaves, true);
}

function subproof(m: number, leaves: readonly Buffer[], complete: boolean): Buffer[] {
  if (m === leaves.length) return complete ? [] : [naiveRoot(leaves)];
  const at = k(leaves.length);
  const [left, right] = [leaves.slice(0, at), leaves.slice(at)];
  if (m <= at) return [...subproof(m, left, complete), naiveRoot(right)];
  return [...subproof(m - at, right, false), naiveRoot(left)];
}

/** The hashes of a tile: hash n of level L is the root over entries n * 256^L to (n + 1) * 256^L. */
export function naiveTile(leaves: readonly Buffer[], level: number, index: bigint, width: number): Buffer {
  const span = 256 ** level;
  return Buffer.concat(
    Array.from({ length: width }, (_, at) => {
      const start = (Number(index) * 256 + at) * span;
      return naiveRoot(leaves.slice(start, start + span));
    }),
  );
}
