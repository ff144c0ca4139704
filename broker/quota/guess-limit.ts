import type { WindowCounters } from './window-counters.ts';

interface Guesser {
  inFlight: number;
  readonly waiting: ((admitted: boolean) => void)[];
}

/**
 * Limits wrong guesses of a system in each window. Whether a guess is wrong shows only in the answer, so no more are let
 * into flight than may still go wrong; others wait their turn. A system that guesses right is never refused, one that
 * guesses wrong gets its guesses and then nothing, however many it sends at once. Brokers hear of each other's count with
 * their own next wrong guess, so that each further one can let its share of the limit through once more.
 */
export class GuessLimit {
  readonly #counters: WindowCounters;
  readonly #limit: number;
  readonly #brokers: () => number;
  readonly #guessers = new Map<string, Guesser>();

  /** `brokers` is how many share the limit, at least 1. */
  constructor(counters: WindowCounters, limit: number, brokers: () => number) {
    this.#counters = counters;
    this.#limit = limit;
    this.#brokers = brokers;
  }

  /** Whether a guess may go on. Every true must be followed by `leave`. */
  enter(system: string): boolean | Promise<boolean> {
    if (this.#slots(system) === 0) return false;
    const guesser = this.#guesserOf(system);
    if (guesser.waiting.length === 0 && guesser.inFlight < this.#slots(system)) {
      guesser.inFlight += 1;
      return true;
    }
    return new Promise((resolve) => {
      guesser.waiting.push(resolve);
    });
  }

  /** A guess has ended. */
  leave(system: string, wrong: boolean): void {
    const guesser = this.#guesserOf(system);
    guesser.inFlight -= 1;
    if (wrong) this.#counters.add(system);
    while (guesser.waiting.length > 0) {
      const slots = this.#slots(system);
      if (slots > 0 && guesser.inFlight >= slots) return;
      if (slots > 0) guesser.inFlight += 1;
      guesser.waiting.shift()?.(slots > 0);
    }
    if (guesser.inFlight === 0) this.#guessers.delete(system);
  }

  /** How many guesses may be in flight here: this broker's share of those that may still go wrong. */
  #slots(system: string): number {
    const left = this.#limit - this.#counters.read(system);
    return left > 0 ? Math.max(1, Math.floor(left / this.#brokers())) : 0;
  }

  #guesserOf(system: string): Guesser {
    let guesser = this.#guessers.get(system);
    if (guesser === undefined) {
      guesser = { inFlight: 0, waiting: [] };
      this.#guessers.set(system, guesser);
    }
    return guesser;
  }
}
