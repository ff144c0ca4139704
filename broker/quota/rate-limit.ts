import type { WindowCounters } from './window-counters.ts';

/**
 * Limits calls of an id in each window. Far from the limit a call is let through at once: each broker may use its share of
 * what is left before it asks. Near the limit the call asks for its place in the city's count. Without the store a broker
 * stays within its share. Over several brokers the limit can be passed by what they let through within one round of
 * synchronisation, 20 ms.
 */
export class RateLimit {
  readonly #counters: WindowCounters;
  readonly #brokers: () => number;

  /** `brokers` is how many share the limits, at least 1. */
  constructor(counters: WindowCounters, brokers: () => number) {
    this.#counters = counters;
    this.#brokers = brokers;
  }

  /** Counts a call and answers whether it is within the limit. */
  take(id: string, limit: number): boolean | Promise<boolean> {
    const { known, own } = this.#counters.read(id);
    if (known >= limit) return false;
    if (known + (own + 1) * this.#brokers() <= limit) {
      this.#counters.add(id);
      return true;
    }
    return this.#counters.ask(id).then((place) => place !== undefined && place <= limit);
  }
}
