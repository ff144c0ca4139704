import { decide } from '../broker/policy/decide.ts';
import { dayNumber } from '../broker/quota/day.ts';
import type { QuotaService } from '../broker/quota/day-chunk.ts';
import type { Debit } from '../broker/quota/quota-holder.ts';
import { RenewalLoop, type RenewalParts } from '../broker/renewal-loop.ts';
import type { Machine } from './machine.ts';
import type { Parts } from './parts.ts';
import { empty, extend, type Permit } from './policy.ts';
import type { Promises } from './promises.ts';

/** Rows that a call read, and rows that the service says it did not use: more than were charged when it lies. */
export interface ForwardedAnswer {
  readonly used: number;
  readonly unused: number;
}

/** What a broker reaches, and who watches it. */
export interface BrokerSurroundings {
  readonly machine: Machine;
  readonly parts: Parts;
  readonly renew: RenewalParts['renew'];
  readonly quota: QuotaService;
  /** Forwards a call that may cost `rows`. Rejects when no answer came. */
  readonly forward: (rows: number) => Promise<ForwardedAnswer>;
  readonly promises: Promises;
  readonly trace: (text: string) => void;
}

/** How calls ended. */
export type CallOutcome = 'RELEASED' | 'WITHHELD' | 'REFUSED' | 'LOST';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** One broker process, from its start to its end: the modules of production around a simulated machine. */
export class BrokerProcess {
  readonly #surroundings: BrokerSurroundings;
  readonly #quota: ReturnType<Parts['quota']>;
  readonly policy: RenewalLoop;
  /** Calls under way. */
  #calls = 0;
  /** As a QuotaHolder does, it never opens a day again. */
  readonly #days = new Map<string, number>();

  constructor(session: string, surroundings: BrokerSurroundings) {
    this.#surroundings = surroundings;
    const { machine, parts, renew, quota, trace } = surroundings;
    const clock = parts.clock(machine.clock);
    this.policy = new RenewalLoop({
      holder: parts.holder(empty, extend),
      clock,
      timer: machine.timer,
      session,
      renew,
      log: {
        ...quiet,
        error: (fields: { alarm: string }) => trace(`${machine.name} alarm ${fields.alarm}`),
      } as RenewalParts['log'],
    });
    this.#quota = parts.quota(
      quota,
      () => this.policy.current().time.latestMs,
      () => clock().monoMs,
    );
    this.policy.ring();
  }

  /** Carries one call that may cost `rows`: decide, debit, forward, release, each as `carryUnary` of the broker does. */
  async carry(permit: Permit, rows: number): Promise<CallOutcome> {
    this.#calls += 1;
    try {
      return await this.#carry(permit, rows);
    } finally {
      this.#calls -= 1;
    }
  }

  async #carry(permit: Permit, rows: number): Promise<CallOutcome> {
    const { parts, machine, forward, promises, trace } = this.#surroundings;
    const { snapshot, time } = this.policy.current();
    const decision = decide(snapshot, permit.request, time);
    if (!decision.allowed) return 'REFUSED';
    const day = Math.max(this.#days.get(permit.id) ?? 0, dayNumber(time.latestMs));
    this.#days.set(permit.id, day);
    let debit: Debit;
    try {
      debit = await this.#quota.debit(permit.id, rows);
    } catch {
      return 'REFUSED';
    }
    promises.letThrough(permit, day, rows);
    trace(`${machine.name} forwards a call of ${permit.name}, ${rows} rows`);
    let answer: ForwardedAnswer;
    try {
      answer = await forward(rows);
    } catch {
      return 'LOST';
    }
    const { used, unused } = answer;
    promises.letThrough(permit, day, used - rows);
    debit.refund(unused);
    const now = this.policy.current();
    if (parts.mayRelease({ snapshot, decision, request: permit.request }, now.snapshot, now.time) !== 'RELEASE') {
      trace(`${machine.name} withholds an answer of ${permit.name}`);
      return 'WITHHELD';
    }
    trace(`${machine.name} releases an answer of ${permit.name}, ${used} rows`);
    promises.released(permit, machine.name);
    return 'RELEASED';
  }

  /** Stops in order: no renewal any more, and what is left of the quota goes back once no call is under way. */
  async stop(): Promise<void> {
    await this.policy.stop();
    while (this.#calls > 0) await new Promise<void>((resolve) => this.#surroundings.machine.timer(50, resolve));
    await this.#quota.close();
  }
}
