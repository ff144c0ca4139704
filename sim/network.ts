import type { Random } from '../cli/population/random.ts';
import type { FaultCounts } from './faults.ts';
import type { Machine } from './machine.ts';
import type { Scheduler } from './scheduler.ts';

/** How bad a network is: probabilities of a message's fate. */
export interface Weather {
  readonly lost: number;
  readonly doubled: number;
  /** Takes up to 5 s. */
  readonly late: number;
}

const SLOW_MS = 100;

/** Which way a machine is cut off. */
export type Cut = 'BOTH' | 'OUTGOING' | 'INCOMING';

/** Carries calls between machines: each message may be lost, late, doubled and overtaken. */
export class Network {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #counts: FaultCounts;
  readonly #cuts = new Map<Machine, Cut>();
  /** When the last message of each pair of machines comes. */
  readonly #lastComesMs = new Map<Machine, Map<Machine, number>>();

  constructor(scheduler: Scheduler, random: Random, weather: Weather, counts: FaultCounts) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#weather = weather;
    this.#counts = counts;
  }

  cut(machine: Machine, cut: Cut | undefined): void {
    if (cut) this.#cuts.set(machine, cut);
    else this.#cuts.delete(machine);
  }

  /** Calls another machine; rejects after `timeoutMs` of the caller's monotonic clock, or as `serve` does. */
  call<Res>(from: Machine, to: Machine, serve: () => Promise<Res>, timeoutMs: number): Promise<Res> {
    return new Promise((resolve, reject) => {
      const cancel = from.timer(timeoutMs, () => reject(new Error('no answer in time')));
      const answer = (settle: () => void) => {
        const arrive = from.guard(() => {
          cancel();
          settle();
        });
        this.send(to, from, arrive);
      };
      this.send(from, to, () =>
        serve().then(
          (response) => answer(() => resolve(response)),
          (error) => answer(() => reject(error)),
        ),
      );
    });
  }

  /** Sends one message; `arrive` is called once, twice or never. */
  send(from: Machine, to: Machine, arrive: () => unknown): void {
    const { lost, doubled } = this.#weather;
    if (this.#isCut(from, to) || this.#random.chance(lost)) {
      this.#counts.lost += 1;
      return;
    }
    this.#deliver(from, to, arrive);
    if (!this.#random.chance(doubled)) return;
    this.#counts.doubled += 1;
    this.#deliver(from, to, arrive);
  }

  #deliver(from: Machine, to: Machine, arrive: () => unknown): void {
    const late = this.#random.chance(this.#weather.late);
    const delayMs = late ? this.#random.next() * 5_000 : 0.2 + this.#random.next() ** 3 * 30;
    if (delayMs > SLOW_MS) this.#counts.delayed += 1;
    const comesMs = this.#scheduler.nowMs + delayMs;
    let last = this.#lastComesMs.get(from);
    if (last === undefined) {
      last = new Map();
      this.#lastComesMs.set(from, last);
    }
    if (comesMs < (last.get(to) ?? 0)) this.#counts.reordered += 1;
    else last.set(to, comesMs);
    this.#scheduler.after(
      delayMs,
      to.guard(() => void arrive()),
    );
  }

  #isCut(from: Machine, to: Machine): boolean {
    if (this.#cuts.size === 0) return false;
    const out = this.#cuts.get(from);
    const into = this.#cuts.get(to);
    return out === 'BOTH' || out === 'OUTGOING' || into === 'BOTH' || into === 'INCOMING';
  }
}
