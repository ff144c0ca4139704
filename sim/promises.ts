/** A promise that was broken. */
export interface Violation {
  readonly promise: 'REVOCATION' | 'QUOTA';
  readonly atMs: number;
  readonly text: string;
}

/** Watches the two promises, knowing what no process of the city knows: everything, in its true order. */
export class Promises {
  readonly #nowMs: () => number;
  readonly #acknowledged = new Map<string, number>();
  readonly #let = new Map<string, number>();
  violation: Violation | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A revocation was answered OK. */
  acknowledged(permitId: string): void {
    if (!this.#acknowledged.has(permitId)) this.#acknowledged.set(permitId, this.#nowMs());
  }

  /** An answer leaves a broker now. */
  released(permitId: string, broker: string): void {
    const sinceMs = this.#acknowledged.get(permitId);
    if (sinceMs === undefined) return;
    const lateMs = Math.round(this.#nowMs() - sinceMs);
    this.#violate('REVOCATION', `${broker} released an answer ${lateMs} ms after the revocation was acknowledged`);
  }

  /** Rows of a permit's day are read for a caller, or, when negative, were charged and not read. */
  letThrough(permitId: string, day: number, rows: number, limit: number): void {
    const key = `${permitId} ${day}`;
    const total = (this.#let.get(key) ?? 0) + rows;
    this.#let.set(key, total);
    if (total > limit) this.#violate('QUOTA', `${total} rows were let through in a day, and ${limit} were granted`);
  }

  #violate(promise: Violation['promise'], text: string): void {
    this.violation ??= { promise, atMs: this.#nowMs(), text };
  }
}
