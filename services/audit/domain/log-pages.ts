import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { recordsResponse } from './record-bytes.ts';
import type { ChosenRecords } from './record-filter.ts';
import { everything } from './record-filter.ts';
import { fitting, type RecordRow, type Stretch } from './record-page.ts';

/** A WatchRecordsResponse, encoded. */
export interface Answer {
  readonly bytes: Buffer;
  /** Records in it. */
  readonly count: number;
}

/** The answer with these records, of a log that has `logSize`. */
export function answerOf(rows: readonly RecordRow[], nextIndex: bigint, logSize: bigint): Answer {
  const rest = { nextIndex, time: new Date(), logSize, checkpoint: Buffer.alloc(0) };
  return { bytes: recordsResponse(rows, rest), count: rows.length };
}

/** All records of a piece of the log. What one watcher had encoded or decoded of it, the next one takes as it is. */
export class LogPage {
  readonly rows: readonly RecordRow[];
  /** The index behind it. */
  readonly next: bigint;
  readonly #logSize: bigint;
  readonly #answers = new Map<string, Answer>();
  #decoded: readonly Leaf[] | undefined;

  constructor(rows: readonly RecordRow[], next: bigint, logSize: bigint) {
    this.rows = rows;
    this.next = next;
    this.#logSize = logSize;
  }

  /** The answer with those that pass. */
  answer(chosen: ChosenRecords): Answer {
    let answer = this.#answers.get(chosen.key);
    if (!answer) {
      const rows = chosen.all ? this.rows : this.rows.filter((_, at) => chosen.passes(this.#leaves[at] as Leaf));
      answer = answerOf(rows, this.next, this.#logSize);
      this.#answers.set(chosen.key, answer);
    }
    return answer;
  }

  get #leaves(): readonly Leaf[] {
    this.#decoded ??= this.rows.map(({ leaf }) => Leaf.decode(leaf));
    return this.#decoded;
  }
}

/** As many records as an entry bundle of C2SP tlog-tiles; at full speed a page is filled 60 times a second. */
const PAGE_ROWS = 256n;
/** 340 usual records. grpc-js keeps up to 16 messages for a slow reader behind the broker. */
const PAGE_MAX_BYTES = 256 << 10;
/** A quarter of a second at full speed; 5 MB with their answers. */
const PAGES_KEPT = 16;

/**
 * The newest pages of the log, read and encoded once for all who watch. Pages end at multiples of 256, or at the log's end
 * as it was, so that watchers who began anywhere soon ask for the same ones.
 */
export class LogPages {
  readonly #oldest: (stretch: Stretch) => Promise<readonly RecordRow[]>;
  readonly #kept = new Map<string, Promise<LogPage>>();

  /** `oldest` reads a stretch, oldest first. */
  constructor(oldest: (stretch: Stretch) => Promise<readonly RecordRow[]>) {
    this.#oldest = oldest;
  }

  /** The page that begins at `from`, which must lie below the log's `size`. */
  at(from: bigint, size: bigint): Promise<LogPage> {
    const boundary = (from / PAGE_ROWS + 1n) * PAGE_ROWS;
    const below = boundary < size ? boundary : size;
    const key = `${from}-${below}`;
    let page = this.#kept.get(key);
    if (!page) {
      page = this.#read(from, below, size);
      this.#kept.set(key, page);
      page.catch(() => this.#kept.delete(key));
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > PAGES_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    }
    return page;
  }

  async #read(from: bigint, below: bigint, size: bigint): Promise<LogPage> {
    const found = await this.#oldest({ filter: everything, from, below, limit: Number(PAGE_ROWS) });
    const rows = fitting(found, PAGE_MAX_BYTES);
    const last = rows.at(-1);
    const next = rows.length < found.length && last ? last.index + 1n : below;
    return new LogPage(rows, last ? next : await this.#firstFrom(next, size), size);
  }

  /** The first record that is still there, so that what was pruned is passed over in one step; the size when there is none. */
  async #firstFrom(from: bigint, size: bigint): Promise<bigint> {
    const [row] = await this.#oldest({ filter: everything, from, below: size, limit: 1 });
    return row?.index ?? size;
  }
}
