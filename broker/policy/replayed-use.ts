import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { CountUseResponse, UseCount } from '#gen/rangkiang/audit/v1/use.ts';
import type { ReplayedUse } from '#gen/rangkiang/broker/v1/simulation.ts';
import type { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { Candidate } from './candidate.ts';
import type { PolicyTime } from './decide.ts';
import { check } from './explain.ts';
import { purposeByName } from './purposes.ts';
import type { Snapshot } from './snapshot.ts';

const names: ReadonlyMap<Purpose, string> = new Map([...purposeByName].map(([name, purpose]) => [purpose, name]));

/**
 * Decides the recorded calls of one OPD again under two policies at one time, each as if it named no permit, and finds which
 * of the permits in `inForce` carried none of them.
 */
export function replayUse(
  opd: string,
  { counts, complete, countedSince }: CountUseResponse,
  before: Snapshot,
  after: Snapshot,
  inForce: readonly Candidate[],
  time: PolicyTime,
): ReplayedUse {
  const allows = (snapshot: Snapshot, { unit, method, purpose }: UseCount) => {
    return check(snapshot, { permit: '', opd, unit, method, purpose: names.get(purpose) ?? '' }, time).allowed;
  };
  const sum = (some: readonly UseCount[]) => some.reduce((total, { calls }) => total + calls, 0n);
  const denied = counts.filter(({ kind }) => kind === Kind.DENIED);
  const answered = counts.filter(({ kind }) => kind !== Kind.DENIED);
  const used = new Set(answered.map(({ permit }) => permit));
  return {
    since: countedSince,
    cutShort: !complete,
    answered: sum(answered),
    answeredNowDenied: sum(answered.filter((count) => allows(before, count) && !allows(after, count))),
    denied: sum(denied),
    deniedNowAllowed: sum(denied.filter((count) => !allows(before, count) && allows(after, count))),
    unused: inForce.filter(({ id }) => !used.has(id)).map(({ id, number }) => ({ permit: id, number })),
  };
}
