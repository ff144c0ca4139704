import { type Directive, LiftOrder } from '#gen/rangkiang/permit/v1/directive.ts';
import { MeshError, type Reason } from '#mesh/errors.ts';
import { isSameTarget } from '#mesh/lift-order.ts';
import type { SigningKeys } from '#mesh/signing-keys.ts';

/** A lift that stands in the policy log and does not count. */
export interface RefusedLift {
  /** The directive that it would lift; empty when it cannot be read. */
  readonly directive: string;
  /** Policy version that brought it. */
  readonly version: bigint;
  readonly fault: Reason | 'NOT_IN_FORCE' | 'ORDER_REPEATED' | 'TARGET_DIFFERS';
}

/** The directives of a snapshot. */
export interface Directives {
  /** Those in force, in the order in which they were given. */
  readonly inForce: readonly Directive[];
  /** Orders that have lifted something: each counts once, however often it is written into the log. */
  readonly spent: ReadonlySet<string>;
  readonly refusedLifts: readonly RefusedLift[];
}

/** Verifies the signed bytes of a LiftOrder against the keys that may sign; throws when they do not count. */
export type VerifyLift = (jws: string, keys: SigningKeys) => Promise<LiftOrder>;

/** The directives before the first. */
export const noDirectives: Directives = Object.freeze({ inForce: [], spent: new Set<string>(), refusedLifts: [] });

/** What is in force after a freeze. It needs no signature: it only narrows. */
export function withFreeze(directives: Directives, directive: Directive): Directives {
  return { ...directives, inForce: [...directives.inForce, directive] };
}

/**
 * What is in force after a lift. It widens, so it counts only by an order that the Walikota signed for this very directive
 * and its target, and only once; whatever else stands in the log changes nothing and is kept for the alarm.
 */
export async function withLift(
  directives: Directives,
  verified: Promise<LiftOrder>,
  version: bigint,
): Promise<Directives> {
  let directive = '';
  const refused = (fault: RefusedLift['fault']): Directives => ({
    ...directives,
    refusedLifts: [...directives.refusedLifts, { directive, version, fault }],
  });
  let order: LiftOrder;
  try {
    order = await verified;
  } catch (error) {
    return refused(error instanceof MeshError ? error.reason : 'INTERNAL');
  }
  directive = order.directiveId;
  // By its content: one signed text has several spellings in base64url.
  const key = LiftOrder.encode(order).finish().toString('base64');
  if (directives.spent.has(key)) return refused('ORDER_REPEATED');
  const named = directives.inForce.filter(({ directiveId }) => directiveId === directive);
  if (named.length === 0) return refused('NOT_IN_FORCE');
  const lifted = named.filter(({ target }) => isSameTarget(target, order.target));
  if (lifted.length === 0) return refused('TARGET_DIFFERS');
  return {
    ...directives,
    inForce: directives.inForce.filter((each) => !lifted.includes(each)),
    spent: new Set([...directives.spent, key]),
  };
}
