import type { Permit } from './policy.ts';

/** A promise that was broken. */
export interface Violation {
  readonly promise: 'REVOCATION' | 'QUOTA';
  /** Its name, as in the trace. */
  readonly permit: string;
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
  released({ id, name }: Permit, broker: string): void {
    const sinceMs = this.#acknowledged.get(id);
    if (sinceMs === undefined) return;
    const lateMs = Math.round(this.#nowMs() - sinceMs);
    this.#violate(
      'REVOCATION',
      name,
      `${broker} released an answer of ${name} ${lateMs} ms after its revocation was acknowledged`,
    );
  }

  /** Rows of a permit's day are read for a caller, or, when negative, were charged and not read. */
  letThrough({ id, name, quotaPerDay }: Permit, day: number, rows: number): void {
    const key = `${id} ${day}`;
    const total = (this.#let.get(key) ?? 0) + rows;
    this.#let.set(key, total);
    if (total <= quotaPerDay) return;
    this.#violate('QUOTA', name, `${total} rows of ${name} were let through in a day, and ${quotaPerDay} were granted`);
  }

  #violate(promise: Violation['promise'], permit: string, text: string): void {
    this.violation ??= { promise, permit, atMs: this.#nowMs(), text };
  }
}
