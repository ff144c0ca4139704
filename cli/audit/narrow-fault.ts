import { type Head, openCheckpoint } from '../../mesh/tlog/checkpoint.ts';
import { NoteInvalid, type Verifier } from '../../mesh/tlog/note.ts';
import { TILE_WIDTH } from '../../mesh/tlog/tile.ts';
import { type LogSource, rootOf } from './log-source.ts';
import { LogFault } from './verify-log.ts';

const WIDTH = BigInt(TILE_WIDTH);

/** The row of 256 within or with which a head ends. */
const rowOf = (size: bigint) => (size === 0n ? 0n : (size - 1n) / WIDTH);

/**
 * Where hashes were rewritten together with their entries, older signed heads tell which: the log still is that of every head
 * before the first changed entry, and of none behind it. Answers REWRITTEN with the shortest stretch that the heads beside the
 * log allow, `from` on being in doubt; the fault as it is when it names an entry, or when no head tells more than it does.
 */
export async function narrowFault(
  fault: LogFault,
  source: LogSource,
  head: Head,
  verifier: Verifier,
  from = 0n,
): Promise<LogFault> {
  if (fault.code !== 'ROOT' && fault.code !== 'TILE') return fault;
  const heads = new SignedHeads(source, verifier);
  const end = fault.below !== undefined && fault.below < head.size ? fault.below : head.size;
  const stretch = { good: fault.index ?? from, bad: end };
  const learn = async (each: Head) => {
    if (each.size <= stretch.good || each.size >= stretch.bad) return;
    if (await heads.fits(each)) stretch.good = each.size;
    else stretch.bad = each.size;
  };
  // Rows that may hold heads between good and bad, by halves.
  let [low, high] = [rowOf(stretch.good), rowOf(stretch.bad)];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    const found = await heads.firstFrom(middle, high, stretch.bad);
    if (found) await learn(found);
    if (found && stretch.good === found.size) low = rowOf(found.size);
    else high = middle;
  }
  for (const row of low === high ? [low] : [low, high]) {
    for (const each of await heads.ofRow(row)) await learn(each);
  }
  // A node may have been edited and no entry; the root is wrong only when an entry is.
  if (fault.code === 'TILE' && stretch.bad === end) return fault;
  return new LogFault('REWRITTEN', stretch.good, '', stretch.bad);
}

/** The heads that are kept beside the log. What the log's key has not signed is none. */
class SignedHeads {
  readonly #source: LogSource;
  readonly #verifier: Verifier;

  constructor(source: LogSource, verifier: Verifier) {
    this.#source = source;
    this.#verifier = verifier;
  }

  async ofRow(row: bigint): Promise<Head[]> {
    return (await this.#source.heads(row)).flatMap((note) => {
      try {
        return [openCheckpoint(note, this.#verifier)];
      } catch (error) {
        if (error instanceof NoteInvalid) return [];
        throw error;
      }
    });
  }

  /** The first head in rows from `row` to `last` that is below a size. */
  async firstFrom(row: bigint, last: bigint, below: bigint): Promise<Head | undefined> {
    for (let at = row; at <= last; at++) {
      const found = (await this.ofRow(at)).find(({ size }) => size < below);
      if (found) return found;
    }
    return undefined;
  }

  /** Whether the log as it is now is that of a head. */
  async fits({ size, root }: Head): Promise<boolean> {
    return (await rootOf(this.#source, size))?.equals(root) ?? false;
  }
}
