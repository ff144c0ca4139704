import { Kind, type Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { ReplayedDecision } from '#gen/rangkiang/broker/v1/replay.ts';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { DecisionInput } from '#gen/rangkiang/type/v1/decision_input.ts';
import type { Element } from '#gen/rangkiang/type/v1/element.ts';
import { decide } from './decide.ts';
import { frozenReasons } from './frozen.ts';
import { checks } from './judge.ts';
import { recordedRequest, recordedTime } from './recorded-decision.ts';
import type { Snapshot } from './snapshot.ts';

/** Why a record by itself cannot be decided again. */
export type RecordObstacle = 'NOT_A_CALL' | 'NO_INPUT' | 'NOT_OF_THE_POLICY';

/**
 * Every reason that the policy refuses with. All others come from what stands around it and is not kept: quota and short-term
 * limits, a lease that is not live, a process that is away.
 */
export const policyReasons: ReadonlySet<string> = new Set([
  ...['METHOD_UNKNOWN', 'PURPOSE_MISSING', 'PURPOSE_UNKNOWN', 'OPD_UNKNOWN', 'PERMIT_UNKNOWN'],
  ...frozenReasons,
  ...checks,
]);

/** Kinds of records that are written for calls only. */
const callKinds: ReadonlySet<Kind> = new Set([
  ...[Kind.DISCLOSED, Kind.EMPTY, Kind.FAILED, Kind.DENIED, Kind.WITHHELD, Kind.UNKNOWN, Kind.READ],
  ...[Kind.WATCH_OPENED, Kind.WATCH_CONTINUES, Kind.WATCH_CLOSED],
]);

/** A decision and how it was come to, as a record tells it. */
export interface RecordedDecision {
  readonly input: DecisionInput;
  readonly decision: ReplayedDecision;
}

/** What a record tells of the decision on its call. Only DENIED was refused by the door; whatever went wrong later was let in. */
export function recordedDecision(leaf: Leaf): RecordedDecision | RecordObstacle {
  const { kind, reason, decision: input } = leaf;
  if (kind === Kind.DENIED && reason !== '' && isOutside(reason)) return 'NOT_OF_THE_POLICY';
  if (input === undefined) return callKinds.has(kind) ? 'NO_INPUT' : 'NOT_A_CALL';
  const allowed = kind !== Kind.DENIED;
  return { input, decision: { allowed, permit: allowed ? leaf.permit : '', reason: allowed ? '' : reason } };
}

// An operator is refused when the assertion is verified: before the decision, and by the token, which is not kept.
function isOutside(reason: string): boolean {
  return !policyReasons.has(reason) && reason !== 'OPERATOR_INVALID';
}

/** How a record and the decision of its call again compare. */
export interface Comparison {
  readonly isSame: boolean;
  readonly replayed: ReplayedDecision;
  /** Elements that left and are not in the grant as decided again. */
  readonly beyond: readonly Element[];
}

/** Decides a recorded call again with the policy of then, by the production `decide`. */
export function replay(snapshot: Snapshot, leaf: Leaf, { input, decision: recorded }: RecordedDecision): Comparison {
  const again = decide(snapshot, recordedRequest(leaf, input), recordedTime(input));
  if (!again.allowed) {
    const isSame = !recorded.allowed && recorded.reason === again.reason;
    return { isSame, replayed: { allowed: false, permit: '', reason: again.reason }, beyond: [] };
  }
  const { elements, emergency } = Grant.decode(again.terms);
  const beyond = leaf.elements.filter((element) => !elements.includes(element));
  const isSame =
    recorded.allowed &&
    recorded.permit === again.permit &&
    // A record of the broker's own, of a call that got no further, does not tell the emergency.
    (leaf.emergency === '' || leaf.emergency === emergency) &&
    beyond.length === 0;
  return { isSame, replayed: { allowed: true, permit: again.permit, reason: '' }, beyond };
}
