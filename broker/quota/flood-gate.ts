/** Denials of one system that are decided and recorded one by one within a second. */
const DENIALS_PER_SECOND = 20;
/** For so long a system that went over is refused without a decision: at most 4 records a second from a lasting flood. */
const CLOSED_MS = 5_000;

interface SystemState {
  secondStartMs: number;
  denials: number;
  closedUntilMs: number;
  refusals: number;
}

/** Refusals of one system that its summarising record counts. */
export interface Refusals {
  readonly system: string;
  readonly count: number;
}

/**
 * Keeps a flood of denied calls from filling the log and from costing decisions. A system whose denials exceed 20 in a
 * second is refused for 5 s before anything is decided; those refusals are only counted.
 */
export class FloodGate {
  readonly #monoMs: () => number;
  readonly #systems = new Map<string, SystemState>();

  constructor(monoMs: () => number) {
    this.#monoMs = monoMs;
  }

  /** Whether a call of the system may be decided; if not, it is counted. */
  admits(system: string): boolean {
    const state = this.#systems.get(system);
    if (state === undefined || this.#monoMs() >= state.closedUntilMs) return true;
    state.refusals += 1;
    return false;
  }

  /** A call of the system was decided and denied. */
  denied(system: string): void {
    const now = this.#monoMs();
    let state = this.#systems.get(system);
    if (state === undefined) {
      state = { secondStartMs: now, denials: 0, closedUntilMs: Number.NEGATIVE_INFINITY, refusals: 0 };
      this.#systems.set(system, state);
    }
    if (now - state.secondStartMs >= 1_000) {
      state.secondStartMs = now;
      state.denials = 0;
    }
    state.denials += 1;
    if (state.denials > DENIALS_PER_SECOND) state.closedUntilMs = now + CLOSED_MS;
  }

  /** What was refused since the last call, by system; each is counted in exactly one answer. */
  drain(): Refusals[] {
    const refusals: Refusals[] = [];
    for (const [system, state] of this.#systems) {
      if (state.refusals > 0) refusals.push({ system, count: state.refusals });
      state.refusals = 0;
      const now = this.#monoMs();
      if (now >= state.closedUntilMs && now - state.secondStartMs >= 1_000) this.#systems.delete(system);
    }
    return refusals;
  }
}
