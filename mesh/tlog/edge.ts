import { EMPTY_ROOT, nodeHash } from './hash.ts';

interface Subtree {
  readonly height: number;
  readonly hash: Buffer;
}

/**
 * The right edge of a tree that grows (a "compact range"): the perfect subtrees into which its entries fall, largest first,
 * one for each bit of its size. Enough to go on hashing and to tell the root.
 */
export class TreeEdge {
  readonly #subtrees: Subtree[] = [];
  #size = 0n;

  /** Entries so far. */
  get size(): bigint {
    return this.#size;
  }

  /** Appends a perfect subtree of 2^height entries; without a height one entry, by its leaf hash. */
  push(hash: Buffer, height = 0): void {
    this.#size += 1n << BigInt(height);
    let grown = { height, hash };
    for (let last = this.#subtrees.at(-1); last && last.height <= grown.height; last = this.#subtrees.at(-1)) {
      // A smaller one on the left cannot be completed any more.
      if (last.height < grown.height) throw new RangeError('the subtree does not begin at a multiple of its size');
      this.#subtrees.pop();
      grown = { height: grown.height + 1, hash: nodeHash(last.hash, grown.hash) };
    }
    this.#subtrees.push(grown);
  }

  /** The RFC 6962 root of the entries so far. */
  root(): Buffer {
    const last = this.#subtrees.at(-1)?.hash;
    return this.#subtrees.slice(0, -1).reduceRight((right, { hash }) => nodeHash(hash, right), last ?? EMPTY_ROOT);
  }
}
