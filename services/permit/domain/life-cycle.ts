import type { ApplicationState, PermitState } from '#gen/rangkiang/permit/v1/permit.ts';

/** Where an application stands and, once there is one, its permit; the names are those of the contract. */
export type State =
  | Exclude<keyof typeof ApplicationState, 'UNSPECIFIED' | 'ISSUED'>
  | Exclude<keyof typeof PermitState, 'UNSPECIFIED'>;

/** What can happen to it. RECORD is not a call: the record of what was signed is committed. */
export type Transition =
  | 'REVIEW_RECOMMEND'
  | 'REVIEW_REQUEST_CHANGES'
  | 'RESUBMIT'
  | 'RECORD_APPROVAL'
  | 'ISSUE'
  | 'REJECT'
  | 'RECORD'
  | 'ACTIVATE'
  | 'SUSPEND'
  | 'SUSPEND_LATE'
  | 'REINSTATE'
  | 'RENEW'
  | 'NARROW'
  | 'REVOKE'
  | 'EXPIRE';

/** Who may bring a transition about; MESH is the service itself. */
export type Actor = 'OPD' | 'DISDUKCAPIL' | 'WALIKOTA' | 'MESH';

/** What the documents and the answer to a call wait for: NARROWING counts at once, WIDENING once it is recorded. */
export type Direction = 'NONE' | 'NARROWING' | 'WIDENING';

/** One row of the table. */
export interface Step {
  readonly from: readonly State[];
  readonly transition: Transition;
  readonly by: Actor;
  /** The method that asks for it; empty for what happens by itself. */
  readonly method: string;
  /** What the actor must bring, in the words of the contract. */
  readonly needs: readonly string[];
  readonly to: State;
  readonly direction: Direction;
}

/** In the order in which a permit comes about and ends. */
const common: readonly Step[] = [
  step(['SUBMITTED'], 'REVIEW_RECOMMEND', 'RECOMMENDED', 'DISDUKCAPIL', 'ReviewApplication', ['etag', 'remarks']),
  step(['SUBMITTED'], 'REVIEW_REQUEST_CHANGES', 'CHANGES_REQUESTED', 'DISDUKCAPIL', 'ReviewApplication', [
    'etag',
    'remarks',
  ]),
  step(['CHANGES_REQUESTED'], 'RESUBMIT', 'SUBMITTED', 'OPD', 'ResubmitApplication', ['etag', 'content']),
  step(['ISSUING'], 'RECORD', 'AWAITING_ACTIVATION', 'MESH', '', ['record'], 'WIDENING'),
  step(['ACTIVATING'], 'RECORD', 'ACTIVE', 'MESH', '', ['record'], 'WIDENING'),
  step(
    ['ACTIVE', 'EXPIRED', 'RENEWING', 'REINSTATING', 'AWAITING_ACTIVATION', 'ACTIVATING'],
    'SUSPEND',
    'SUSPENDED',
    'WALIKOTA',
    'SuspendPermit',
    ['reason', 'remarks'],
    'NARROWING',
  ),
  step(['ACTIVE', 'RENEWING'], 'SUSPEND_LATE', 'SUSPENDED', 'MESH', '', ['duty whose grace is over'], 'NARROWING'),
  step(['SUSPENDED'], 'REINSTATE', 'REINSTATING', 'WALIKOTA', 'ReinstatePermit', [
    'etag',
    'signed Pemulihan',
    'no duty past its grace',
  ]),
  step(['REINSTATING'], 'RECORD', 'ACTIVE', 'MESH', '', ['record'], 'WIDENING'),
  step(['ACTIVE', 'EXPIRED', 'AWAITING_ACTIVATION'], 'RENEW', 'RENEWING', 'WALIKOTA', 'RenewPermit', [
    'etag',
    'signed Izin, next version',
    'its signed Aktivasi',
  ]),
  step(['RENEWING'], 'RECORD', 'ACTIVE', 'MESH', '', ['record'], 'WIDENING'),
  step(
    ['ACTIVE'],
    'NARROW',
    'ACTIVE',
    'WALIKOTA',
    'RenewPermit',
    ['etag', 'signed Izin, next version, and its signed Aktivasi, that widen nothing'],
    'NARROWING',
  ),
  step(['ACTIVE', 'AWAITING_ACTIVATION'], 'EXPIRE', 'EXPIRED', 'MESH', '', ['valid_until'], 'NARROWING'),
  step(
    ['ACTIVE', 'EXPIRED', 'SUSPENDED', 'REINSTATING', 'RENEWING', 'AWAITING_ACTIVATION', 'ACTIVATING'],
    'REVOKE',
    'REVOKED',
    'WALIKOTA',
    'RevokePermit',
    ['reason'],
    'NARROWING',
  ),
];

/**
 * What the regimes have of their own: how a reviewed application comes to the Walikota, until when he may reject, and what an
 * activation states.
 */
const own: Readonly<Record<RegimeName, readonly Step[]>> = {
  PERMENDAGRI_61_2015: [
    step(['RECOMMENDED'], 'ISSUE', 'ISSUING', 'WALIKOTA', 'IssuePermit', ['signed Izin']),
    step(['AWAITING_ACTIVATION'], 'ACTIVATE', 'ACTIVATING', 'WALIKOTA', 'ActivatePermit', [
      'etag',
      'signed Aktivasi that names PKS and juknis',
    ]),
    step(['SUBMITTED', 'CHANGES_REQUESTED', 'RECOMMENDED'], 'REJECT', 'REJECTED', 'WALIKOTA', 'RejectApplication', [
      'reason',
    ]),
  ],
  PERMENDAGRI_102_2019: [
    step(['RECOMMENDED'], 'RECORD_APPROVAL', 'APPROVED', 'DISDUKCAPIL', 'RecordApproval', ['etag', 'dirjen_letter']),
    step(['APPROVED'], 'ISSUE', 'ISSUING', 'WALIKOTA', 'IssuePermit', ["signed Izin that names the Dirjen's letter"]),
    step(['AWAITING_ACTIVATION'], 'ACTIVATE', 'ACTIVATING', 'WALIKOTA', 'ActivatePermit', [
      'etag',
      'signed Aktivasi that names PKS, juknis and the conformity check',
    ]),
    step(
      ['SUBMITTED', 'CHANGES_REQUESTED', 'RECOMMENDED', 'APPROVED'],
      'REJECT',
      'REJECTED',
      'WALIKOTA',
      'RejectApplication',
      ['reason'],
    ),
  ],
};

/** The regulations, by the name that configuration uses. */
export const regimes = ['PERMENDAGRI_61_2015', 'PERMENDAGRI_102_2019'] as const;
/** Permendagri 61/2015, or 102/2019 as amended by 17/2023. */
export type RegimeName = (typeof regimes)[number];

/** The whole life of an application and its permit under a regime. */
export const lifeCycle: Readonly<Record<RegimeName, readonly Step[]>> = {
  PERMENDAGRI_61_2015: [...common, ...own.PERMENDAGRI_61_2015],
  PERMENDAGRI_102_2019: [...common, ...own.PERMENDAGRI_102_2019],
};

/** The state that a transition leads to, or undefined when the state has no such transition under the regime. */
export function nextState(regime: RegimeName, from: State, transition: Transition): State | undefined {
  return lifeCycle[regime].find((each) => each.transition === transition && each.from.includes(from))?.to;
}

function step(
  from: readonly State[],
  transition: Transition,
  to: State,
  by: Actor,
  method: string,
  needs: readonly string[],
  direction: Direction = 'NONE',
): Step {
  return { from, transition, by, method, needs, to, direction };
}
