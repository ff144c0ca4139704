/** What a reservation brought: `amount` more, 0 when fewer than needed are left, and how many nobody has reserved. */
export interface Reserved {
  readonly amount: number;
  readonly left: number;
}

interface Waiting {
  readonly amount: number;
  readonly resolve: (granted: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** How long "too few are left" is believed; others may give some back. */
const BELIEVED_MS = 1_000;

/**
 * A reserved part of something that all brokers share. Taking from it is synchronous while it holds enough; otherwise one
 * reservation at a time is made, and callers wait in their order.
 */
export class Chunk {
  readonly #reserve: (needed: number) => Promise<Reserved>;
  readonly #nowMs: () => number;
  #available = 0;
  readonly #waiting: Waiting[] = [];
  /** Runs exactly as long as somebody waits. */
  #serving: Promise<void> = Promise.resolve();
  #left = { amount: Number.POSITIVE_INFINITY, untilMs: 0 };

  /** `reserve` brings at least what is needed or nothing; `nowMs` is any clock in milliseconds. */
  constructor(reserve: (needed: number) => Promise<Reserved>, nowMs: () => number) {
    this.#reserve = reserve;
    this.#nowMs = nowMs;
  }

  /** Takes an amount; false when not so many are left. Rejects when reserving fails. */
  take(amount: number): boolean | Promise<boolean> {
    if (this.#waiting.length === 0) {
      const known = this.#takeKnown(amount);
      if (known !== undefined) return known;
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ amount, resolve, reject });
      if (this.#waiting.length === 1) this.#serving = this.#serve();
    });
  }

  /** Puts back what was taken and not used. */
  refund(amount: number): void {
    this.#available += amount;
  }

  /** Takes all that is left, once nobody waits. */
  async empty(): Promise<number> {
    await this.#serving;
    const rest = this.#available;
    this.#available = 0;
    return rest;
  }

  /** What can be said without a reservation; undefined when one is needed. */
  #takeKnown(amount: number): boolean | undefined {
    if (amount <= this.#available) {
      this.#available -= amount;
      return true;
    }
    const missing = amount - this.#available;
    return missing > this.#left.amount && this.#nowMs() < this.#left.untilMs ? false : undefined;
  }

  async #serve(): Promise<void> {
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        const known = this.#takeKnown(next.amount);
        if (known === undefined) {
          await this.#reserveMore(next.amount - this.#available);
          continue;
        }
        this.#waiting.shift();
        next.resolve(known);
      }
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    }
  }

  async #reserveMore(needed: number): Promise<void> {
    const { amount, left } = await this.#reserve(needed);
    this.#available += amount;
    if (amount === 0) {
      this.#left = { amount: Math.min(left, needed - 1), untilMs: this.#nowMs() + BELIEVED_MS };
    }
  }
}
