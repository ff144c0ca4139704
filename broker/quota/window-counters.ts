import type { Timer } from '../clock.ts';
import { type CounterStore, counterKey } from './counter-store.ts';

/** How counters are kept. */
export interface WindowParts {
  /** Stands in the keys. */
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
}

/** How long others do not hear of what was counted here. */
const SEND_AFTER_MS = 20;

/**
 * Counts by id within windows of time, over all brokers, without waiting: what was counted is sent in the background, all
 * ids in one pipeline, one pipeline at a time. While the store is away the own count goes on.
 */
export class WindowCounters {
  readonly #parts: WindowParts;
  #window = 0;
  readonly #counters = new Map<string, Counter>();
  #dirty = new Set<Counter>();
  #cancelTimer: (() => void) | undefined;

  constructor(parts: WindowParts) {
    this.#parts = parts;
  }

  /** The count as known here: the city's, and what this broker has not told it yet. */
  read(id: string): number {
    const { known, unsent, sending } = this.#counterOf(id);
    return known + unsent + sending;
  }

  /** Counts one. */
  add(id: string): void {
    const counter = this.#counterOf(id);
    counter.unsent += 1;
    this.#dirty.add(counter);
    this.#cancelTimer ??= this.#parts.timer(SEND_AFTER_MS, () => void this.#send());
  }

  /** Milliseconds until the window ends. */
  remainingMs(): number {
    const { nowMs, windowMs } = this.#parts;
    return windowMs - (nowMs() % windowMs);
  }

  /** Stops the background. What was not sent is lost to the other brokers. */
  close(): void {
    this.#cancelTimer?.();
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
      counter = { key: counterKey(name, window, id), known: 0, unsent: 0, sending: 0 };
      this.#counters.set(id, counter);
    }
    return counter;
  }

  async #send(): Promise<void> {
    const batch = [...this.#dirty];
    this.#dirty = new Set();
    for (const counter of batch) {
      counter.sending = counter.unsent;
      counter.unsent = 0;
    }
    const amounts = new Map(batch.map(({ key, sending }) => [key, sending]));
    const totals = await this.#parts.store.add(amounts, 2 * this.#parts.windowMs).catch(() => undefined);
    for (const counter of batch) {
      const total = totals?.get(counter.key);
      if (total === undefined) {
        counter.unsent += counter.sending;
        this.#dirty.add(counter);
      } else {
        // A store that was emptied counts from 0 again; we do not.
        counter.known = Math.max(total, counter.known + counter.sending);
      }
      counter.sending = 0;
    }
    this.#cancelTimer = undefined;
    if (this.#dirty.size > 0) this.#cancelTimer = this.#parts.timer(SEND_AFTER_MS, () => void this.#send());
  }
}
