/**
 * How far the log has got, for those who wait at its end. News is passed on at most every `quietMs`: at full speed the log
 * grows 500 times a second, and each waiter would read the new records one by one.
 */
export class LogTail {
  readonly #quietMs: number;
  readonly #onNews: () => void;
  readonly #waiters = new Set<() => void>();
  #size = 0n;
  #latest = 0n;
  #news: NodeJS.Timeout | undefined;

  /** `onNews` is called whenever news is passed on. */
  constructor(quietMs: number, onNews: () => void) {
    this.#quietMs = quietMs;
    this.#onNews = onNews;
  }

  /** How many records there are, as last passed on. All of them can be read. */
  get size(): bigint {
    return this.#size;
  }

  /** The log was seen with this many records. */
  seen(size: bigint): void {
    if (size <= this.#latest) return;
    this.#latest = size;
    this.#news ??= setTimeout(() => this.#pass(), this.#quietMs);
  }

  /** Resolves when there are more than `size` records, after `timeoutMs`, or when the signal is aborted. */
  beyond(size: bigint, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#size > size || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener('abort', done);
      this.#waiters.add(done);
    });
  }

  #pass(): void {
    this.#news = undefined;
    this.#size = this.#latest;
    for (const wake of this.#waiters) wake();
    this.#onNews();
  }
}
