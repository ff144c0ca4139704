import type { RecordRow, Stretch } from './record-page.ts';

/** Half a second at full speed, so that alerts, which look four times a second, find all here; 3 MB. */
const USUAL_CAPACITY = 4_096;

/**
 * The newest records that this process committed: whoever follows the end of the log needs no look into Postgres. What
 * another replica committed is not here.
 */
export class RecentRecords {
  readonly #rows: (RecordRow | undefined)[];

  /** `capacity`: how many are kept. */
  constructor(capacity = USUAL_CAPACITY) {
    this.#rows = new Array(capacity);
  }

  /** A committed record. Its bytes are copied: they are views into a message that may be a thousand times as large. */
  add({ index, leaf, leafHash }: RecordRow): void {
    const at = this.#slot(index);
    const held = this.#rows[at];
    if (held && held.index >= index) return;
    this.#rows[at] = { index, leaf: Buffer.from(leaf), leafHash: Buffer.from(leafHash) };
  }

  /** The records of a stretch without a filter, oldest first; undefined when one of them is not here. */
  oldest({ from, below, limit }: Pick<Stretch, 'from' | 'below' | 'limit'>): RecordRow[] | undefined {
    const rows: RecordRow[] = [];
    for (let index = from; index < below && rows.length < limit; index++) {
      const row = this.#rows[this.#slot(index)];
      if (row?.index !== index) return undefined;
      rows.push(row);
    }
    return rows;
  }

  #slot(index: bigint): number {
    return Number(index % BigInt(this.#rows.length));
  }
}
