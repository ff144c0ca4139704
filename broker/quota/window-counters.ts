import type { Timer } from '../clock.ts';

/** Counts that all brokers share. */
export interface CounterStore {
  /** Adds to each key and answers the totals by key. A new key is forgotten after `ttlMs`. */
  add(amounts: ReadonlyMap<string, number>, ttlMs: number): Promise<ReadonlyMap<string, number>>;
}

/** How counters are kept. */
export interface WindowParts {
  /** Stands in the keys; keys hold no personal data. */
  readonly name: string;
  readonly windowMs: number;
  readonly store: CounterStore;
  readonly timer: Timer;
  /** Milliseconds since 1970 UTC; cuts time into windows. */
  readonly nowMs: () => number;
}

interface Counter {
  readonly key: string;
  /** The city's total as far as this broker knows it. */
  known: number;
  /** Counted here and not yet in `known`. */
  unsent: number;
  sending: number;
  /** Callers that wait for their place in the city's count. */
  asking: ((place: number | undefined) => void)[];
}

/** What may be let through here before the others hear of it: 20 ms. */
const SYNC_EVERY_MS = 20;

/**
 * Counts by id within windows of time, over all brokers. Counting here costs no round trip: what was counted is sent in the
 * background, all ids in one pipeline, one pipeline at a time. While the store is away the own count goes on.
 */
export class WindowCounters {
  readonly #parts: WindowParts;
  #window = 0;
  readonly #counters = new Map<string, Counter>();
  #dirty = new Set<Counter>();
  #sending = false;
  #scheduled: { readonly delayMs: number; readonly cancel: () => void } | undefined;

  constructor(parts: WindowParts) {
    this.#parts = parts;
  }

  /** The city's total as known here, and how many of this broker are not in it yet. */
  read(id: string): { readonly known: number; readonly own: number } {
    const { known, unsent, sending, asking } = this.#counterOf(id);
    return { known, own: unsent + sending + asking.length };
  }

  /** Counts one. */
  add(id: string): void {
    const counter = this.#counterOf(id);
    counter.unsent += 1;
    this.#schedule(counter, SYNC_EVERY_MS);
  }

  /** Counts one and answers its place in the city's count; undefined, and not counted, when the store is away. */
  ask(id: string): Promise<number | undefined> {
    const counter = this.#counterOf(id);
    return new Promise((resolve) => {
      counter.asking.push(resolve);
      this.#schedule(counter, 0);
    });
  }

  /** Milliseconds until the window ends. */
  remainingMs(): number {
    const { nowMs, windowMs } = this.#parts;
    return windowMs - (nowMs() % windowMs);
  }

  /** Stops the background. What was not sent is lost to the other brokers. */
  close(): void {
    this.#scheduled?.cancel();
  }

  #counterOf(id: string): Counter {
    const { name, nowMs, windowMs } = this.#parts;
    const window = Math.floor(nowMs() / windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#counters.clear();
    }
    let counter = this.#counters.get(id);
    if (counter === undefined) {
      counter = { key: `rangkiang:limit:${name}:${window}:${id}`, known: 0, unsent: 0, sending: 0, asking: [] };
      this.#counters.set(id, counter);
    }
    return counter;
  }

  #schedule(counter: Counter, delayMs: number): void {
    this.#dirty.add(counter);
    if (this.#sending || (this.#scheduled && this.#scheduled.delayMs <= delayMs)) return;
    this.#scheduled?.cancel();
    this.#scheduled = { delayMs, cancel: this.#parts.timer(delayMs, () => this.#send()) };
  }

  #send(): void {
    this.#scheduled = undefined;
    this.#sending = true;
    const batch = [...this.#dirty].map((counter) => {
      const asking = counter.asking.splice(0);
      counter.sending = counter.unsent + asking.length;
      counter.unsent = 0;
      return { counter, asking };
    });
    this.#dirty = new Set();
    const amounts = new Map(batch.map(({ counter }) => [counter.key, counter.sending]));
    const settle = (totals?: ReadonlyMap<string, number>) => {
      for (const { counter, asking } of batch) settleCounter(counter, asking, totals?.get(counter.key));
      this.#sending = false;
      for (const counter of this.#dirty) this.#schedule(counter, counter.asking.length > 0 ? 0 : SYNC_EVERY_MS);
    };
    this.#parts.store.add(amounts, 2 * this.#parts.windowMs).then(settle, () => settle());
  }
}

function settleCounter(counter: Counter, asking: Counter['asking'], total: number | undefined): void {
  const sent = counter.sending;
  counter.sending = 0;
  if (total === undefined) {
    counter.unsent += sent - asking.length;
    for (const answer of asking) answer(undefined);
    return;
  }
  // A store that was emptied counts from 0 again; we do not.
  counter.known = Math.max(total, counter.known + sent);
  asking.forEach((answer, index) => {
    answer(counter.known - asking.length + index + 1);
  });
}
