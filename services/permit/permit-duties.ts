import { type Duty, DutyState, HandInOutcome, type LateDuty } from '#gen/rangkiang/permit/v1/duty.ts';
import { PermitState } from '#gen/rangkiang/permit/v1/permit.ts';
import { MeshError } from '#mesh/errors.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';
import type { PermitContext } from './context.ts';
import { dayAt } from './domain/day.ts';
import { dutiesOf, type HandedIn, type StandingDuty } from './domain/duties.ts';
import { findHandIns, type StoredHandIn } from './store/hand-ins.ts';
import type { StoredPermit } from './store/permit-row.ts';

/** What is owed, and by whom the day is told. */
export type DutyContext = Pick<PermitContext, 'reportGraceDays' | 'now'>;

/** A duty as it is answered, with what the service itself needs of it. */
export interface PermitDuty {
  readonly duty: Duty;
  readonly missed: boolean;
}

/** The duties of some permits today, as far as the permits count and were not revoked; in the order of the permits. */
export async function readDuties(
  db: Pool | PoolClient,
  { reportGraceDays, now }: DutyContext,
  permits: readonly StoredPermit[],
): Promise<PermitDuty[]> {
  const today = dayAt(await now());
  const handIns = Map.groupBy(
    await findHandIns(
      db,
      permits.map(({ permit }) => permit.permitId),
    ),
    ({ permitId }) => permitId,
  );
  return permits.flatMap((stored) => {
    const { permit, policyVersion, dutiesSince } = stored;
    const { izin, permitId } = permit;
    if (!izin || policyVersion === null || permit.state === PermitState.REVOKED) return [];
    const own = handIns.get(permitId) ?? [];
    const duties = dutiesOf({ izin, since: dutiesSince, reportGraceDays }, own.map(inDays), today);
    return duties.map((duty) => ({ duty: answer(stored, own, duty), missed: duty.missed }));
  });
}

/** What everybody is told who asks under the permit; nothing while nothing is late. */
export function lateDuties(duties: readonly PermitDuty[]): LateDuty[] {
  return duties
    .filter(({ duty, missed }) => missed || duty.state === DutyState.LATE)
    .map(({ duty: { kind, period, graceEnd, state } }) => ({ kind, period, graceEnd, state }));
}

/** Throws DUTY_OPEN when the grace of a duty went by without it: nothing widens the permit before it is confirmed. */
export function refuseWhileMissed(duties: readonly PermitDuty[]): void {
  const missed = duties.find((each) => each.missed);
  if (!missed) return;
  const { kind, period } = missed.duty;
  throw new MeshError('DUTY_OPEN', { values: { kind, period } });
}

function inDays({ kind, period, handedIn }: StoredHandIn): HandedIn {
  const { handInTime, outcome, reviewTime } = handedIn;
  const confirmed = outcome === HandInOutcome.CONFIRMED;
  return {
    kind,
    period,
    on: dayAt(handInTime),
    review: reviewTime && { confirmed, on: dayAt(reviewTime) },
  };
}

function answer(
  { permit }: StoredPermit,
  handIns: readonly StoredHandIn[],
  { kind, period, due, graceEnd, standing }: StandingDuty,
): Duty {
  const own = handIns.filter((each) => each.kind === kind && each.period === period);
  const reviews = own.filter(({ handedIn }) => handedIn.reviewTime).length;
  return {
    permitId: permit.permitId,
    number: permit.izin?.number ?? '',
    opd: permit.izin?.opd ?? '',
    kind,
    period,
    due,
    graceEnd,
    state: DutyState[standing],
    handedIn: own.at(-1)?.handedIn,
    etag: String(own.length + reviews),
  };
}
