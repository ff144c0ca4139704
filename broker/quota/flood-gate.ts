import { setTimeout as delay } from 'node:timers/promises';

/** Denials within a second that are decided and recorded one by one: of one system, and of all systems of its OPD. */
const SYSTEM_DENIALS = 20;
const OPD_DENIALS = 100;
/** For so long who went over is refused without a decision: a lasting flood makes 4 records a second, of an OPD 20. */
const CLOSED_MS = 5_000;
/**
 * For so long the answer to such a refusal is held back. Whoever calls again as soon as it is answered, as a loop does,
 * gets no more than two refusals a second for each call that it keeps open, and those cost next to nothing.
 */
const HELD_MS = 500;

/** What was denied of one system or OPD. */
class Denials {
  readonly #perSecond: number;
  #secondStartMs = Number.NEGATIVE_INFINITY;
  #count = 0;
  #closedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  add(nowMs: number): void {
    if (nowMs - this.#secondStartMs >= 1_000) {
      this.#secondStartMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count > this.#perSecond) this.#closedUntilMs = nowMs + CLOSED_MS;
  }

  isClosed(nowMs: number): boolean {
    return nowMs < this.#closedUntilMs;
  }

  /** Neither closed nor within a second that counts. */
  isForgotten(nowMs: number): boolean {
    return !this.isClosed(nowMs) && nowMs - this.#secondStartMs >= 1_000;
  }
}

/** Refusals of one system that its summarising record counts. */
export interface Refusals {
  readonly system: string;
  readonly count: number;
}

/**
 * Keeps a flood of denied calls from filling the log and from costing decisions. A system ("opd/unit/system") whose denials
 * exceed 20 in a second is refused for 5 s before anything is decided; those refusals are only counted. So are, when the
 * denials of an OPD exceed 100, those of its systems that were denied something lately, and no others.
 */
export class FloodGate {
  readonly #monoMs: () => number;
  readonly #systems = new Map<string, { readonly denials: Denials; refusals: number }>();
  readonly #opds = new Map<string, Denials>();

  constructor(monoMs: () => number) {
    this.#monoMs = monoMs;
  }

  /** Whether a call of the system may be decided; if not, it is counted. */
  admits(system: string): boolean {
    const state = this.#systems.get(system);
    if (state === undefined) return true;
    const now = this.#monoMs();
    if (!state.denials.isClosed(now) && !this.#opds.get(opdOf(system))?.isClosed(now)) return true;
    state.refusals += 1;
    return false;
  }

  /** A call of the system was decided and denied. */
  denied(system: string): void {
    const now = this.#monoMs();
    const opd = opdOf(system);
    const state = this.#systems.get(system) ?? { denials: new Denials(SYSTEM_DENIALS), refusals: 0 };
    const opdDenials = this.#opds.get(opd) ?? new Denials(OPD_DENIALS);
    this.#systems.set(system, state);
    this.#opds.set(opd, opdDenials);
    state.denials.add(now);
    opdDenials.add(now);
  }

  /** Resolves when a call that was not admitted may be answered. */
  hold(): Promise<void> {
    return delay(HELD_MS, undefined, { ref: false });
  }

  /** What was refused since the last call, by system; each is counted in exactly one answer. */
  drain(): Refusals[] {
    const refusals: Refusals[] = [];
    const now = this.#monoMs();
    for (const [opd, denials] of this.#opds) if (denials.isForgotten(now)) this.#opds.delete(opd);
    for (const [system, state] of this.#systems) {
      if (state.refusals > 0) refusals.push({ system, count: state.refusals });
      state.refusals = 0;
      if (state.denials.isForgotten(now) && !this.#opds.get(opdOf(system))?.isClosed(now)) this.#systems.delete(system);
    }
    return refusals;
  }
}

function opdOf(system: string): string {
  return system.slice(0, system.indexOf('/'));
}
