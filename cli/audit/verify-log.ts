import { hash } from 'node:crypto';
import type { Head } from '../../mesh/tlog/checkpoint.ts';
import { HASH_BYTES, perfectRoot, splitHashes } from '../../mesh/tlog/hash.ts';
import { decodeBundle, levelSize, TILE_WIDTH, tileWidth } from '../../mesh/tlog/tile.ts';
import { type LogSource, rootOf, treeOf } from './log-source.ts';
import { Pruning } from './pruning.ts';

/** What is wrong with a log. */
export type LogFaultCode =
  /** An entry is missing and no record says that it was pruned, or it is not the one in the tile of its hashes. */
  | 'ENTRY'
  /** A hash in a higher tile is not that of the entries below it. */
  | 'TILE'
  /** The entries are not those of the signed head. */
  | 'ROOT'
  /** The log does not go on from the older head. */
  | 'SINCE'
  /** An entry was rewritten together with its hashes: signed heads before it still fit, those behind it do not. */
  | 'REWRITTEN'
  /** A copy of a record for queries is not what the record says. */
  | 'COLUMN'
  /** A sealed part beside a record was changed. */
  | 'SEALED'
  /** A sealed part is missing without a reason. */
  | 'SEALED_MISSING'
  /** The checkpoint that the service keeps is not that of the log. */
  | 'CHECKPOINT';

/** The first fault of a log. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  readonly code: LogFaultCode;
  /** The first entry concerned, where one can be named. */
  readonly index: bigint | undefined;
  /** Which copy, for COLUMN. */
  readonly column: string;
  /** Where only a stretch can be named: the index behind it; otherwise undefined. */
  readonly below: bigint | undefined;

  constructor(code: LogFaultCode, index?: bigint, column = '', below?: bigint) {
    super(`${code} ${index ?? ''} ${column} ${below ?? ''}`);
    this.code = code;
    this.index = index;
    this.column = column;
    this.below = below;
  }
}

const WIDTH = BigInt(TILE_WIDTH);
// Read ahead while what has come is hashed.
const AHEAD = 8;

interface Bundle {
  readonly index: bigint;
  /** Undefined where only their hashes are there. */
  readonly entries: Buffer[] | undefined;
  readonly hashes: Buffer;
}

/** How many entries of a bundle that is not whole are there in a row. */
async function entriesBefore(source: LogSource, index: bigint, width: number): Promise<number> {
  let [there, missing] = [0, width];
  while (missing - there > 1) {
    const middle = (there + missing) >> 1;
    if (await source.bundle({ index, width: middle })) there = middle;
    else missing = middle;
  }
  return there;
}

async function missingEntry(source: LogSource, index: bigint, width: number): Promise<LogFault> {
  return new LogFault('ENTRY', index * WIDTH + BigInt(await entriesBefore(source, index, width)));
}

/** Bundles with the tiles of their leaf hashes, in order. */
async function* bundles(source: LogSource, from: bigint, size: bigint): AsyncGenerator<Bundle> {
  const read = async (index: bigint): Promise<Bundle> => {
    const width = tileWidth(size, 0, index);
    const [bundle, hashes] = await Promise.all([
      source.bundle({ index, width }),
      source.tile({ level: 0, index, width }),
    ]);
    if (!bundle && hashes?.length === TILE_WIDTH * HASH_BYTES) return { index, entries: undefined, hashes };
    if (!bundle) throw await missingEntry(source, index, width);
    try {
      return { index, entries: decodeBundle(bundle), hashes: hashes ?? Buffer.alloc(0) };
    } catch {
      throw new LogFault('ENTRY', index * WIDTH);
    }
  };
  const count = (size + WIDTH - 1n) / WIDTH;
  const ahead: Promise<Bundle>[] = [];
  for (let next = from; next < count || ahead.length > 0; ) {
    for (; next < count && ahead.length < AHEAD; next++) {
      const reading = read(next);
      reading.catch(() => {}); // told in its turn
      ahead.push(reading);
    }
    yield (await ahead.shift()) as Bundle;
  }
}

const scratch = Buffer.alloc(1 + 0xffff);

/** Compares the entries of a bundle with its tile. Throws LogFault. */
function checkEntries(entries: readonly Buffer[], { index, hashes }: Bundle, width: number): void {
  for (let at = 0; at < width; at++) {
    const entry = entries[at];
    // As text, and behind its prefix in memory that is kept: half the time of a leaf hash made for keeping.
    if (entry) scratch.set(entry, 1);
    const hashed = entry && hash('sha256', scratch.subarray(0, 1 + entry.length), 'binary');
    if (hashed !== hashes.toString('latin1', at * HASH_BYTES, (at + 1) * HASH_BYTES)) {
      throw new LogFault('ENTRY', index * WIDTH + BigInt(at));
    }
  }
  if (entries.length !== width || hashes.length !== width * HASH_BYTES) {
    throw new LogFault('ENTRY', index * WIDTH + BigInt(width));
  }
}

/** Hashes upwards through full tiles, and holds each against the tile that the log shows. */
class TileCheck {
  readonly #source: LogSource;
  readonly #size: bigint;
  /** By level above the first: the hashes that are not yet a full tile. */
  readonly #open: Buffer[][] = [];

  constructor(source: LogSource, size: bigint) {
    this.#source = source;
    this.#size = size;
  }

  /** Adds the hash of the full tile `index` of the level below. */
  async add(hash: Buffer, index: bigint, level = 1): Promise<void> {
    this.#open[level] ??= [];
    const open = this.#open[level];
    open.push(hash);
    if ((index + 1n) % WIDTH !== 0n) return;
    await this.#compare(open, index / WIDTH, level);
    const row = Buffer.concat(open.splice(0));
    // A tile whose first hashes lie before the check's beginning is held against the head alone.
    if (row.length === TILE_WIDTH * HASH_BYTES) await this.add(perfectRoot(row), index / WIDTH, level + 1);
  }

  /** Compares the tiles at the right edge. */
  async finish(): Promise<void> {
    for (const [level, open] of this.#open.entries()) {
      if (open && open.length > 0) await this.#compare(open, levelSize(this.#size, level + 1), level);
    }
  }

  /** `open` may lack the tile's first hashes, where the check began behind them. */
  async #compare(open: readonly Buffer[], index: bigint, level: number): Promise<void> {
    const width = tileWidth(this.#size, level, index);
    const tile = (await this.#source.tile({ level, index, width })) ?? Buffer.alloc(0);
    const skipped = width - open.length;
    for (const [at, hash] of open.entries()) {
      const place = skipped + at;
      if (hash.equals(tile.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES))) continue;
      const height = BigInt(8 * level);
      const first = (index * WIDTH + BigInt(place)) << height;
      throw new LogFault('TILE', first, '', first + (1n << height));
    }
  }
}

/**
 * Checks the log of a signed head: every entry against the tile of its hash, every tile against the one below, the whole
 * against the head; and with `since`, an older head, only what came after it, and that it goes on from there. Entries may be
 * missing where a record of the log itself says that they were pruned; their hashes may not. Answers how many are. Throws
 * LogFault with the first fault. `onProgress` is told how many entries are checked.
 */
export async function verifyLog(
  source: LogSource,
  head: Head,
  options: { since?: Head; onProgress?(entries: bigint): void } = {},
): Promise<{ readonly pruned: bigint }> {
  const { since, onProgress } = options;
  if (since && !(since.size <= head.size && (await rootOf(source, since.size))?.equals(since.root))) {
    throw new LogFault('SINCE');
  }
  const first = (since?.size ?? 0n) / WIDTH;
  const edge = await treeOf(source, first * WIDTH).edge();
  const tiles = new TileCheck(source, head.size);
  const pruning = new Pruning();
  for await (const bundle of bundles(source, first, head.size)) {
    const width = tileWidth(head.size, 0, bundle.index);
    const firstIndex = bundle.index * WIDTH;
    if (bundle.entries) {
      checkEntries(bundle.entries, bundle, width);
      pruning.read(bundle.entries, firstIndex);
    } else {
      pruning.miss(firstIndex, firstIndex + WIDTH);
    }
    if (width === TILE_WIDTH) {
      const root = perfectRoot(bundle.hashes);
      edge.push(root, 8);
      await tiles.add(root, bundle.index);
    } else {
      for (const each of splitHashes(bundle.hashes)) edge.push(each);
    }
    onProgress?.(firstIndex + BigInt(width));
  }
  await tiles.finish();
  if (!edge.root().equals(head.root)) throw new LogFault('ROOT');
  const unexplained = pruning.firstUnexplained();
  if (unexplained !== undefined) throw await missingEntry(source, unexplained / WIDTH, TILE_WIDTH);
  return { pruned: pruning.missing };
}
