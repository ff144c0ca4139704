import { MeshError, type Reason } from '#mesh/errors.ts';
import type { Timer } from '../clock.ts';
import { GuessLimit } from './guess-limit.ts';
import { RateLimit } from './rate-limit.ts';
import { type CounterStore, WindowCounters } from './window-counters.ts';

/** Wrong guesses of one system in an hour (VerifyResident): a date of birth takes thousands. */
const WRONG_GUESSES = 30;
/** Calls of one operator in a minute: more is no person. */
const OPERATOR_CALLS = 600;

const MINUTE_MS = 60_000;
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

/** What limits are kept with. */
export interface LimitParts {
  readonly store: CounterStore;
  readonly timer: Timer;
  /** Milliseconds since 1970 UTC. */
  readonly nowMs: () => number;
  /** Brokers that share the limits, at least 1. */
  readonly brokers: () => number;
}

const nothingToEnd: Spent = Object.freeze({ ended: () => {} });

/** The limits on what may be asked within minutes and an hour, beside the daily quota. */
export class ShortTermLimits {
  readonly #minutes: WindowCounters;
  readonly #hours: WindowCounters;
  readonly #calls: RateLimit;
  readonly #guesses: GuessLimit;

  constructor({ store, timer, nowMs, brokers }: LimitParts) {
    this.#minutes = new WindowCounters({ name: 'calls', windowMs: MINUTE_MS, store, timer, nowMs });
    this.#hours = new WindowCounters({ name: 'guesses', windowMs: HOUR_MS, store, timer, nowMs });
    this.#calls = new RateLimit(this.#minutes, brokers);
    this.#guesses = new GuessLimit(this.#hours, WRONG_GUESSES, brokers);
  }

  /** Lets a call through, nearly always at once. Throws, or rejects with, MeshError RATE_LIMITED or GUESS_LIMIT. */
  spend(use: Spending): Spent | Promise<Spent> {
    const permit = this.#calls.take(`permit/${use.permit}`, use.perMinute);
    const operator = use.operator === '' || this.#calls.take(`operator/${use.operator}`, OPERATOR_CALLS);
    if (typeof permit === 'boolean' && typeof operator === 'boolean') return this.#guess(permit && operator, use);
    return Promise.all([permit, operator]).then((taken) => this.#guess(!taken.includes(false), use));
  }

  close(): void {
    this.#minutes.close();
    this.#hours.close();
  }

  #guess(taken: boolean, { system, guesses }: Spending): Spent | Promise<Spent> {
    if (!taken) throw limited('RATE_LIMITED', this.#minutes);
    if (!guesses) return nothingToEnd;
    const settle = (entered: boolean): Spent => {
      if (!entered) throw limited('GUESS_LIMIT', this.#hours);
      return { ended: (wrong) => this.#guesses.leave(system, wrong) };
    };
    const entered = this.#guesses.enter(system);
    return typeof entered === 'boolean' ? settle(entered) : entered.then(settle);
  }
}

function limited(reason: Extract<Reason, 'RATE_LIMITED' | 'GUESS_LIMIT'>, counters: WindowCounters): MeshError {
  return new MeshError(reason, { retryAfterMs: counters.remainingMs() });
}
