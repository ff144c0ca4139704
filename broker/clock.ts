/** One reading of both clocks of this machine, in milliseconds. */
export interface Instant {
  /** Never steps, but on Linux stands still while the machine is suspended. */
  readonly monoMs: number;
  /** Since 1970 UTC; may be wrong and may step. */
  readonly wallMs: number;
}

/** Reads the clocks. */
export type Clock = () => Instant;

/** Calls `run` once after `delayMs`; the answer cancels it. */
export type Timer = (delayMs: number, run: () => void) => () => void;

/** The clocks of this machine. */
export const systemClock: Clock = () => ({ monoMs: performance.now(), wallMs: Date.now() });

/** The timer of this process. */
export const systemTimer: Timer = (delayMs, run) => {
  const timeout = setTimeout(run, delayMs);
  return () => clearTimeout(timeout);
};

/**
 * Milliseconds between two readings by whichever clock saw more: the monotonic one misses a suspended machine, the wall
 * clock one that was set back.
 */
export function elapsedMs(since: Instant, now: Instant): number {
  return Math.max(now.monoMs - since.monoMs, now.wallMs - since.wallMs);
}
