import { TreeEdge } from './edge.ts';
import { HASH_BYTES, splitHashes } from './hash.ts';
import { consistencyRanges, inclusionRanges, type Range } from './proof.ts';
import { levelSize, levelsDown, TILE_WIDTH, type TileId, tileWidth } from './tile.ts';

/** Reads the hashes of a tile, one after the other. */
export type ReadTile = (tile: TileId) => Promise<Buffer>;

const HEIGHT = 8;

/** A tree of a certain size, seen through its tiles. */
export class Tree {
  readonly size: bigint;
  readonly #read: ReadTile;
  readonly #tiles = new Map<string, Promise<Buffer>>();

  /** `read` is asked once for each tile. */
  constructor(size: bigint, read: ReadTile) {
    this.size = size;
    this.#read = read;
  }

  /** Its right edge. Reads one tile of each level. */
  async edge(): Promise<TreeEdge> {
    const edge = new TreeEdge();
    for (const level of levelsDown(this.size)) {
      const index = levelSize(this.size, level + 1);
      if (tileWidth(this.size, level, index) === 0) continue;
      for (const hash of splitHashes(await this.#tile(level, index))) edge.push(hash, level * HEIGHT);
    }
    return edge;
  }

  /** Its root. */
  async root(): Promise<Buffer> {
    return (await this.edge()).root();
  }

  /** The leaf hash of the entry at `index`, which is below the size. */
  leafHash(index: bigint): Promise<Buffer> {
    return this.#subtreeHash(0, index);
  }

  /** Proves that the entry at `index`, which is below the size, is in the tree. */
  inclusionProof(index: bigint): Promise<Buffer[]> {
    return Promise.all(inclusionRanges(index, this.size).map((range) => this.#rangeHash(range)));
  }

  /** Proves that the tree of `from` entries, at most its size, is the beginning of this one. */
  consistencyProof(from: bigint): Promise<Buffer[]> {
    return Promise.all(consistencyRanges(from, this.size).map((range) => this.#rangeHash(range)));
  }

  /** The root over a range whose start is a multiple of its largest perfect subtree. */
  async #rangeHash({ start, end }: Range): Promise<Buffer> {
    const edge = new TreeEdge();
    for (let at = start; at < end; ) {
      let height = 0;
      while ((at >> BigInt(height)) % 2n === 0n && at + (2n << BigInt(height)) <= end) height++;
      edge.push(await this.#subtreeHash(height, at), height);
      at += 1n << BigInt(height);
    }
    return edge.root();
  }

  async #subtreeHash(height: number, start: bigint): Promise<Buffer> {
    const level = Math.floor(height / HEIGHT);
    const index = levelSize(start, level);
    const row = await this.#tile(level, index / BigInt(TILE_WIDTH));
    const from = Number(index % BigInt(TILE_WIDTH)) * HASH_BYTES;
    const edge = new TreeEdge();
    for (const hash of splitHashes(row.subarray(from, from + (HASH_BYTES << (height % HEIGHT))))) edge.push(hash);
    return edge.root();
  }

  #tile(level: number, index: bigint): Promise<Buffer> {
    const key = `${level}/${index}`;
    let tile = this.#tiles.get(key);
    if (!tile) {
      tile = this.#readWhole({ level, index, width: tileWidth(this.size, level, index) });
      this.#tiles.set(key, tile);
    }
    return tile;
  }

  async #readWhole(tile: TileId): Promise<Buffer> {
    const row = await this.#read(tile);
    if (row.length !== tile.width * HASH_BYTES) {
      throw new RangeError(`tile ${tile.index} of level ${tile.level} does not have ${tile.width} hashes`);
    }
    return row;
  }
}
