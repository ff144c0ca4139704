import type { Timer } from '../../broker/clock.ts';
import type { CounterStore } from '../../broker/quota/counter-store.ts';
import type { WindowParts } from '../../broker/quota/window-counters.ts';

/** Counters that several brokers of a test share, and the time and timer that they run by. */
export class CityCounters implements CounterStore {
  readonly totals = new Map<string, number>();
  readonly ttlMs = new Set<number>();
  pipelines = 0;
  away = false;
  nowMs = 0;
  #due: { atMs: number; run: () => void }[] = [];

  readonly timer: Timer = (delayMs, run) => {
    const entry = { atMs: this.nowMs + delayMs, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  };

  async add(amounts: ReadonlyMap<string, number>, ttlMs: number): Promise<ReadonlyMap<string, number>> {
    this.pipelines += 1;
    if (this.away) throw new Error('away');
    this.ttlMs.add(ttlMs);
    for (const [key, amount] of amounts) this.totals.set(key, (this.totals.get(key) ?? 0) + amount);
    return new Map([...amounts.keys()].map((key) => [key, this.totals.get(key) ?? 0]));
  }

  /** What counters of one broker are made with. */
  parts(name: string, windowMs: number): WindowParts {
    return { name, windowMs, store: this, timer: this.timer, nowMs: () => this.nowMs };
  }

  /** Lets time pass, and everything happen that is due. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
    this.nowMs = untilMs;
  }

  #next(untilMs: number) {
    this.#due.sort((a, b) => a.atMs - b.atMs);
    const [first] = this.#due;
    return first !== undefined && first.atMs <= untilMs ? this.#due.shift() : undefined;
  }
}
