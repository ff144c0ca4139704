import { MeshError, type Reason } from '#mesh/errors.ts';
import { nextState, type RegimeName, type State, type Transition } from './domain/life-cycle.ts';

/** What a caller is told who would issue too early. Anything else that the table lacks is a STATE_CONFLICT. */
const tooEarly: Partial<Record<State, Reason>> = {
  SUBMITTED: 'REVIEW_REQUIRED',
  CHANGES_REQUESTED: 'REVIEW_REQUIRED',
  RECOMMENDED: 'APPROVAL_REQUIRED',
};

/**
 * The state after a transition. Throws STATE_CONFLICT, REVIEW_REQUIRED or APPROVAL_REQUIRED when the life cycle has no
 * such transition in this state.
 */
export function advance(regime: RegimeName, from: State, transition: Transition): State {
  const next = nextState(regime, from, transition);
  if (next !== undefined) return next;
  const reason = (transition === 'ISSUE' ? tooEarly[from] : undefined) ?? 'STATE_CONFLICT';
  throw new MeshError(reason, { values: { state: from } });
}

/** Throws ETAG_MISMATCH when the caller decides from another state of the thing than the one that stands. */
export function checkEtag(given: string | undefined, { etag }: { readonly etag: string }): void {
  if (given !== undefined && given !== etag) throw new MeshError('ETAG_MISMATCH');
}
