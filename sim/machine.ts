import type { Instant } from '../broker/clock.ts';
import type { Scheduler } from './scheduler.ts';

/** What is wrong with the clocks of a machine. */
export interface ClockFaults {
  /** Of the monotonic clock against true time; 1 is right. */
  readonly rate: number;
  /** Milliseconds by which the wall clock is wrong. */
  readonly wallOffsetMs: number;
}

/** Wall clock at the true time 0: milliseconds since 1970 UTC. */
export interface Era {
  readonly startMs: number;
}

/** A machine with one process on it: its clocks, and whether it runs. Whatever the process does is done through `run`. */
export class Machine {
  readonly name: string;
  readonly #scheduler: Scheduler;
  readonly #era: Era;
  readonly #rate: number;
  #wallOffsetMs: number;
  #suspendedMs = 0;
  #suspendedAtMs: number | undefined;
  #frozen = false;
  #waiting: (() => void)[] = [];
  /** Number of the process: what an earlier one began goes on in no other. */
  #life = 0;

  constructor(name: string, scheduler: Scheduler, era: Era, faults: ClockFaults) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#era = era;
    this.#rate = faults.rate;
    this.#wallOffsetMs = faults.wallOffsetMs;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** Reads both clocks. */
  readonly clock = (): Instant => {
    const { nowMs } = this.#scheduler;
    const awakeMs = (this.#suspendedAtMs ?? nowMs) - this.#suspendedMs;
    return { monoMs: awakeMs * this.#rate, wallMs: this.#era.startMs + nowMs + this.#wallOffsetMs };
  };

  /** A timer by the monotonic clock. */
  readonly timer = (delayMs: number, run: () => void): (() => void) => {
    const dueMs = this.clock().monoMs + delayMs;
    let cancel = () => {};
    const arm = () => {
      const leftMs = dueMs - this.clock().monoMs;
      cancel = this.#scheduler.after(leftMs / this.#rate, due);
    };
    // A machine that was suspended meanwhile has not yet waited long enough.
    const due = this.guard(() => (dueMs - this.clock().monoMs > 1e-6 ? arm() : run()));
    arm();
    return () => cancel();
  };

  /** Binds work to the process that runs now: done at once, or when the machine runs again; never in a later process. */
  guard(work: () => void): () => void {
    const life = this.#life;
    const attempt = () => {
      if (life !== this.#life) return;
      if (this.#frozen) this.#waiting.push(attempt);
      else work();
    };
    return attempt;
  }

  /** Stops the process as SIGSTOP does; all clocks run on. */
  pause(): void {
    this.#frozen = true;
  }

  /** Suspends the whole machine: the monotonic clock stands still. */
  suspend(): void {
    this.#frozen = true;
    this.#suspendedAtMs ??= this.#scheduler.nowMs;
  }

  /** Ends both. What came meanwhile is worked off in the order that `mix` gives it. */
  resume(mix: (work: (() => void)[]) => (() => void)[]): void {
    if (!this.#frozen) return;
    if (this.#suspendedAtMs !== undefined) this.#suspendedMs += this.#scheduler.nowMs - this.#suspendedAtMs;
    this.#suspendedAtMs = undefined;
    this.#frozen = false;
    for (const work of mix(this.#waiting.splice(0))) this.#scheduler.after(0, work);
  }

  /** Sets the wall clock forward, or back. */
  stepWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Kills the process. */
  kill(): void {
    this.#life += 1;
    this.#waiting = [];
  }
}
