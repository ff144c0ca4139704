import type { Random } from './random.ts';

/** A choice among values that are not equally likely. */
export class Weighted<T> {
  readonly #values: readonly T[];
  readonly #upTo: Float64Array;

  /** `entries`: value and weight, at least one weight above 0. Weights need not add up to anything. */
  constructor(entries: readonly (readonly [T, number])[]) {
    let sum = 0;
    this.#values = entries.map(([value]) => value);
    this.#upTo = Float64Array.from(entries, ([, weight]) => (sum += weight));
    if (!(sum > 0)) throw new RangeError('weights add up to nothing');
  }

  /** One value, as likely as its share of all weights. */
  pick(random: Random): T {
    const upTo = this.#upTo;
    const point = random.next() * (upTo[upTo.length - 1] as number);
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (point < (upTo[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return this.#values[low] as T;
  }
}
