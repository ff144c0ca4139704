import { elapsedMs, type Instant } from './clock.ts';
import type { PolicyTime } from './policy/decide.ts';

/** No lease counts for longer, whatever the answer says: the permit service waits 3,100 ms for a silent broker. */
const LONGEST_LEASE_MS = 3_000;

interface Renewal {
  readonly sentAt: Instant;
  readonly receivedAt: Instant;
  readonly authorityMs: number;
  readonly leaseMs: number;
}

const NO_LEASE: PolicyTime = Object.freeze({ live: false, earliestMs: 0, latestMs: 0 });

/** The broker's lease on the policy, and the authority's time that came with it. Has no timer: it is asked. */
export class Lease {
  #renewal: Renewal | undefined;

  /**
   * Notes a renewal. `sentAt` was read before the request left, `receivedAt` after the answer came, and the authority read
   * its clock (milliseconds since 1970 UTC) somewhere between.
   */
  renewed(sentAt: Instant, receivedAt: Instant, answer: { authorityMs: number; leaseMs: number }): void {
    const { authorityMs, leaseMs } = answer;
    this.#renewal = { sentAt, receivedAt, authorityMs, leaseMs: Math.min(leaseMs, LONGEST_LEASE_MS) };
  }

  /** Gives the lease up; nothing is decided until it is renewed. */
  drop(): void {
    this.#renewal = undefined;
  }

  /** Whether the lease is live at `now`, and between which ends the authority's clock then lies. */
  at(now: Instant): PolicyTime {
    if (this.#renewal === undefined) return NO_LEASE;
    const { sentAt, receivedAt, authorityMs, leaseMs } = this.#renewal;
    const sinceSentMs = elapsedMs(sentAt, now);
    return {
      live: sinceSentMs < leaseMs,
      earliestMs: authorityMs + (now.monoMs - receivedAt.monoMs),
      latestMs: authorityMs + sinceSentMs,
    };
  }
}
