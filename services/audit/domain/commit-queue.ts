import { setImmediate, setTimeout } from 'node:timers/promises';
import { EntryRefused } from './check-entry.ts';

/** What a queue holds. */
export interface Item {
  /** A batch never holds one id twice: the second waits for the next batch, where the first is found committed. */
  readonly id: string;
  readonly bytes: number;
}

/** How a batch is committed. */
export interface Committer<I extends Item, Outcome> {
  /**
   * Commits all or nothing. Resolves with one outcome for each item, in order. Rejects with EntryRefused when the fault
   * lies in an item, so that trying again cannot help; after any other error it is called again with the same items.
   */
  commit(items: readonly I[]): Promise<readonly Outcome[]>;
  /** Commits began to fail (told once), with the first error. */
  onFailing(error: unknown): void;
  /** Commits work again. */
  onRecovered(): void;
}

/** Bounds of one commit and of all that waits. */
export interface QueueLimits {
  readonly batchItems: number;
  readonly batchBytes: number;
  readonly waitingBytes: number;
  /** Pause after a failed attempt. */
  readonly retryMs: number;
}

// At 3,000 entries/s a batch has about 10 entries, at 15,000/s some hundred; 2,000 commit in about 60 ms. 8 MiB are 4,000
// usual entries, a quarter of a second of full speed; what is behind them waits in its senders, who know when it is too late.
const usualLimits: QueueLimits = { batchItems: 2_000, batchBytes: 4 << 20, waitingBytes: 8 << 20, retryMs: 100 };

interface Waiting<I, Outcome> {
  readonly item: I;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/**
 * Group commit: what arrives while a commit is under way makes the next batch, so batches grow with the load and no entry
 * waits for a timer. An attempt that fails is repeated until it succeeds, since the commit may have happened all the same
 * and the committer knows what it already holds. An item that no attempt can commit is found by halving its batch and
 * rejected alone: one bad record must not stop the city.
 */
export class CommitQueue<I extends Item, Outcome> {
  readonly #committer: Committer<I, Outcome>;
  readonly #limits: QueueLimits;
  #waiting: Waiting<I, Outcome>[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #failing = false;
  #closed = false;
  #roomSeekers: (() => void)[] = [];

  constructor(committer: Committer<I, Outcome>, limits: Partial<QueueLimits> = {}) {
    this.#committer = committer;
    this.#limits = { ...usualLimits, ...limits };
  }

  /** Whether it takes more: neither full nor unable to commit. Only `add` what came before that is known. */
  get hasRoom(): boolean {
    return !this.#failing && this.#waitingBytes < this.#limits.waitingBytes;
  }

  /** Resolves when there is room. */
  async room(): Promise<void> {
    while (!this.hasRoom && !this.#closed) await new Promise<void>((resolve) => this.#roomSeekers.push(resolve));
  }

  /** Resolves with the item's outcome once it is committed; rejects only with an error that lies in the item, or at the end. */
  add(item: I): Promise<Outcome> {
    if (this.#closed) return Promise.reject(new Error('the queue is closed'));
    this.#waitingBytes += item.bytes;
    const outcome = new Promise<Outcome>((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
    this.#running ??= this.#run();
    return outcome;
  }

  /** Commits what waits; gives up, rejecting the rest, at the first failure. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#giveRoom();
  }

  async #run(): Promise<void> {
    // All that arrives in this turn of the event loop goes together.
    await setImmediate();
    while (this.#waiting.length > 0) await this.#commit(this.#take());
    this.#running = undefined;
  }

  #take(): Waiting<I, Outcome>[] {
    const { batchItems, batchBytes } = this.#limits;
    const ids = new Set<string>();
    let bytes = 0;
    for (const { item } of this.#waiting) {
      if (ids.size === batchItems || bytes >= batchBytes || ids.has(item.id)) break;
      ids.add(item.id);
      bytes += item.bytes;
    }
    const batch = this.#waiting.slice(0, ids.size);
    this.#waiting = this.#waiting.slice(ids.size);
    this.#waitingBytes -= bytes;
    return batch;
  }

  async #commit(batch: readonly Waiting<I, Outcome>[]): Promise<void> {
    for (;;) {
      try {
        const outcomes = await this.#committer.commit(batch.map(({ item }) => item));
        for (const [at, { resolve }] of batch.entries()) resolve(outcomes[at] as Outcome);
        this.#commitsWork();
        return;
      } catch (error) {
        const isRefused = error instanceof EntryRefused;
        if (isRefused) this.#commitsWork();
        else this.#commitsFail(error);
        if (isRefused && batch.length > 1) {
          const middle = batch.length >> 1;
          await this.#commit(batch.slice(0, middle));
          await this.#commit(batch.slice(middle));
          return;
        }
        if (isRefused || this.#closed) {
          for (const { reject } of batch) reject(error);
          return;
        }
        await setTimeout(this.#limits.retryMs);
      }
    }
  }

  #commitsFail(error: unknown): void {
    if (!this.#failing) this.#committer.onFailing(error);
    this.#failing = true;
  }

  #commitsWork(): void {
    if (this.#failing) this.#committer.onRecovered();
    this.#failing = false;
    if (this.hasRoom) this.#giveRoom();
  }

  #giveRoom(): void {
    const seekers = this.#roomSeekers;
    this.#roomSeekers = [];
    for (const resolve of seekers) resolve();
  }
}
