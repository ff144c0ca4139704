import { EMPTY_ROOT, nodeHash } from './hash.ts';

// RFC 6962, section 2.1, with the verifications as RFC 9162 words them.

/** Entries from `start` to, not including, `end`. */
export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** The largest power of two below `size`, which is above 1. */
function split(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1);
}

/** Of which ranges the roots prove that the entry at `index` is in a tree of `size` entries, in the order of the proof. */
export function inclusionRanges(index: bigint, size: bigint): Range[] {
  if (index < 0n || index >= size) throw new RangeError(`no entry ${index} in a tree of ${size}`);
  const ranges: Range[] = [];
  let [start, end] = [0n, size];
  while (end - start > 1n) {
    const middle = start + split(end - start);
    ranges.push(index < middle ? { start: middle, end } : { start, end: middle });
    if (index < middle) end = middle;
    else start = middle;
  }
  return ranges.reverse();
}

/** Of which ranges the roots prove that a tree of `from` entries is the beginning of one of `size`, in the order of the proof. */
export function consistencyRanges(from: bigint, size: bigint): Range[] {
  if (from < 0n || from > size) throw new RangeError(`no tree of ${from} in a tree of ${size}`);
  if (from === 0n || from === size) return [];
  const ranges: Range[] = [];
  let [start, end] = [0n, size];
  while (from < end) {
    const middle = start + split(end - start);
    ranges.push(from <= middle ? { start: middle, end } : { start, end: middle });
    if (from <= middle) end = middle;
    else start = middle;
  }
  // The old tree's own root is known to whoever verifies.
  if (start > 0n) ranges.push({ start, end });
  return ranges.reverse();
}

/** Whether `proof` shows that the entry with this leaf hash stands at `index` of the tree with this size and root. */
export function verifyInclusion(
  entry: { readonly index: bigint; readonly leafHash: Buffer },
  tree: { readonly size: bigint; readonly root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (entry.index < 0n || entry.index >= tree.size) return false;
  let [node, last] = [entry.index, tree.size - 1n];
  let hash = entry.leafHash;
  for (const sibling of proof) {
    if (last === 0n) return false;
    if (node % 2n === 1n || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2n === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && hash.equals(tree.root);
}

/** Whether `proof` shows that the old tree is the beginning of the new one. */
export function verifyConsistency(
  old: { readonly size: bigint; readonly root: Buffer },
  tree: { readonly size: bigint; readonly root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (old.size < 0n || old.size > tree.size) return false;
  if (old.size === tree.size) return proof.length === 0 && old.root.equals(tree.root);
  if (old.size === 0n) return proof.length === 0 && old.root.equals(EMPTY_ROOT);
  let [node, last] = [old.size - 1n, tree.size - 1n];
  while (node % 2n === 1n) [node, last] = [node >> 1n, last >> 1n];
  // A perfect old tree is itself the first node of the path.
  const path = node === 0n ? [old.root, ...proof] : [...proof];
  const first = path.shift();
  if (!first) return false;
  let [oldHash, hash] = [first, first];
  for (const sibling of path) {
    if (last === 0n) return false;
    if (node % 2n === 1n || node === last) {
      oldHash = nodeHash(sibling, oldHash);
      hash = nodeHash(sibling, hash);
      while (node % 2n === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && oldHash.equals(old.root) && hash.equals(tree.root);
}
