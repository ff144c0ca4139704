import { areOpen } from '#mesh/hours.ts';
import { type Allowed, decide, type PolicyRequest, type PolicyTime } from './decide.ts';
import type { Snapshot } from './snapshot.ts';

/** A call that was allowed and whose answer waits. */
export interface Held {
  readonly snapshot: Snapshot;
  readonly decision: Allowed;
  readonly request: PolicyRequest;
}

/**
 * Whether an answer may leave now: the lease is live, the permit's validity and hours still hold, and a snapshot that changed
 * meanwhile gives the identical grant. To be called in the same turn as the release.
 */
export function mayRelease(
  held: Held,
  snapshot: Snapshot,
  time: PolicyTime,
): 'RELEASE' | 'PERMIT_CHANGED' | 'POLICY_STALE' {
  if (!time.live) return 'POLICY_STALE';
  const { decision } = held;
  if (snapshot === held.snapshot) {
    const { validFromMs, validUntilMs, hours } = decision;
    const isValid = time.earliestMs >= validFromMs && time.latestMs < validUntilMs;
    return isValid && areOpen(hours, time.earliestMs, time.latestMs) ? 'RELEASE' : 'PERMIT_CHANGED';
  }
  const again = decide(snapshot, held.request, time);
  return again.allowed && again.terms.equals(decision.terms) ? 'RELEASE' : 'PERMIT_CHANGED';
}
