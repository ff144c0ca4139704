import { MeshError } from '#mesh/errors.ts';
import type { Timer } from '../clock.ts';
import { GuessLimit } from './guess-limit.ts';
import { RateLimit, type RateParts } from './rate-limit.ts';
import { WindowCounters } from './window-counters.ts';

/** Wrong guesses of one system in an hour (VerifyResident): a date of birth takes thousands. */
const WRONG_GUESSES = 30;
/** Calls of one operator in a minute: more is no person. */
const OPERATOR_CALLS = 600;
/** Calls by statute of one system in a minute: no permit limits them, and each costs a record. */
const STATUTE_CALLS = 6_000;

const HOUR_MS = 3_600_000;

/** A call under a permit that is about to be forwarded. */
export interface Spending {
  /** UUID. */
  readonly permit: string;
  /** The permit's calls in one minute, from its Izin. */
  readonly perMinute: number;
  /** "opd/unit/system". */
  readonly system: string;
  /** Pseudonym of the operator, never the name; empty when none. */
  readonly operator: string;
  /** The method lets its caller guess. */
  readonly guesses: boolean;
}

/** A call that was let through. */
export interface Spent {
  /** To be called exactly once, when the call has ended, however it did. */
  ended(wrongGuess: boolean): void;
}

const nothingToEnd: Spent = Object.freeze({ ended: () => {} });

/** The limits on what may be asked within minutes and an hour, beside the daily quota. */
export class ShortTermLimits {
  readonly #hours: WindowCounters;
  readonly #calls: RateLimit;
  readonly #guesses: GuessLimit;

  constructor(parts: RateParts & { readonly timer: Timer }) {
    const { store, timer, nowMs, brokers } = parts;
    this.#calls = new RateLimit(parts);
    this.#hours = new WindowCounters({ name: 'guesses', windowMs: HOUR_MS, store, timer, nowMs });
    this.#guesses = new GuessLimit(this.#hours, WRONG_GUESSES, brokers);
  }

  /** Lets a call through, nearly always at once. Throws, or rejects with, MeshError RATE_LIMITED or GUESS_LIMIT. */
  spend(use: Spending): Spent | Promise<Spent> {
    const permit = this.#calls.take(`permit/${use.permit}`, use.perMinute);
    const operator = use.operator === '' || this.#calls.take(`operator/${use.operator}`, OPERATOR_CALLS);
    if (typeof permit === 'boolean' && typeof operator === 'boolean') return this.#guess(permit && operator, use);
    return Promise.all([permit, operator]).then((taken) => this.#guess(!taken.includes(false), use));
  }

  /**
   * Lets a call by statute of a system ("opd/unit/system") through, nearly always at once. Throws, or rejects with,
   * MeshError RATE_LIMITED.
   */
  spendByStatute(system: string): void | Promise<void> {
    const settle = (taken: boolean) => {
      if (!taken) throw new MeshError('RATE_LIMITED', { retryAfterMs: this.#calls.remainingMs() });
    };
    const taken = this.#calls.take(`statute/${system}`, STATUTE_CALLS);
    return typeof taken === 'boolean' ? settle(taken) : taken.then(settle);
  }

  close(): void {
    this.#hours.close();
  }

  #guess(taken: boolean, { system, guesses }: Spending): Spent | Promise<Spent> {
    if (!taken) throw new MeshError('RATE_LIMITED', { retryAfterMs: this.#calls.remainingMs() });
    if (!guesses) return nothingToEnd;
    const settle = (entered: boolean): Spent => {
      if (!entered) throw new MeshError('GUESS_LIMIT', { retryAfterMs: this.#hours.remainingMs() });
      return { ended: (wrong) => this.#guesses.leave(system, wrong) };
    };
    const entered = this.#guesses.enter(system);
    return typeof entered === 'boolean' ? settle(entered) : entered.then(settle);
  }
}
