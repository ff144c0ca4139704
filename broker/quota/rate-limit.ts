import { Chunk, type Reserved } from './chunk.ts';
import { type CounterStore, counterKey } from './counter-store.ts';

const WINDOW_MS = 60_000;

/** What limits are kept with. */
export interface RateParts {
  readonly store: CounterStore;
  /** Milliseconds since 1970 UTC; cuts time into minutes. */
  readonly nowMs: () => number;
  /** Brokers that share the limits, at least 1. */
  readonly brokers: () => number;
}

/**
 * Limits calls of an id in each minute, over all brokers. A broker claims a part of what is left from the shared count, and
 * counts calls against that without a round trip; about ten claims a minute reach any limit. While the store is away a
 * broker grants no more than its share of the limit. A store that is emptied can let a limit be passed once, by brokers that have
 * not yet heard of each other's claims.
 */
export class RateLimit {
  readonly #parts: RateParts;
  #window = 0;
  readonly #chunks = new Map<string, Chunk>();

  constructor(parts: RateParts) {
    this.#parts = parts;
  }

  /** Counts a call and answers whether it is within the limit. */
  take(id: string, limit: number): boolean | Promise<boolean> {
    const window = Math.floor(this.#parts.nowMs() / WINDOW_MS);
    if (window !== this.#window) {
      this.#window = window;
      this.#chunks.clear();
    }
    let chunk = this.#chunks.get(id);
    if (chunk === undefined) {
      chunk = new Chunk(claims(counterKey('calls', window, id), limit, this.#parts), this.#parts.nowMs);
      this.#chunks.set(id, chunk);
    }
    return chunk.take(1);
  }

  /** Milliseconds until the minute ends. */
  remainingMs(): number {
    return WINDOW_MS - (this.#parts.nowMs() % WINDOW_MS);
  }
}

/** Claims from a count that may go up to `limit`. */
function claims(key: string, limit: number, parts: RateParts): (needed: number) => Promise<Reserved> {
  let claimed = 0;
  let total = 0;
  return async (needed) => {
    const brokers = parts.brokers();
    const wanted = Math.max(needed, Math.floor((limit - total) / (2 * brokers)));
    let amount: number;
    try {
      const told = (await parts.store.add(new Map([[key, wanted]]), 2 * WINDOW_MS)).get(key) ?? limit;
      // A store that was emptied counts from 0 again; what was counted before, as far as it is known here, stays counted.
      total = Math.max(told, total + wanted);
      amount = Math.min(wanted, limit - (total - wanted));
    } catch {
      amount = Math.floor(limit / brokers) - claimed;
    }
    if (amount < needed) return { amount: 0, left: 0 };
    claimed += amount;
    return { amount, left: Math.max(0, limit - total) };
  };
}
