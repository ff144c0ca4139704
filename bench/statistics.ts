/** The middle of the values, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError('median of nothing');
  return (low + high) / 2;
}

/** Counts durations in steps of 0.05 ms up to 5 s; cheap enough to be fed with every call. */
export class Histogram {
  static readonly #STEP_MS = 0.05;
  readonly #counts = new Uint32Array(100_000);
  #total = 0;

  /** Adds one duration; what is longer than 5 s counts as 5 s. */
  add(durationMs: number): void {
    const step = Math.min(this.#counts.length - 1, Math.floor(durationMs / Histogram.#STEP_MS));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total++;
  }

  /** The duration in milliseconds that the given share (0 to 1) of all does not exceed; 0 when there is none. */
  quantile(share: number): number {
    let rest = Math.ceil(this.#total * share);
    const step = this.#counts.findIndex((count) => {
      rest -= count;
      return rest <= 0;
    });
    return (step + 1) * Histogram.#STEP_MS;
  }
}
