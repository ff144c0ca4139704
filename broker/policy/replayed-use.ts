import { setImmediate as nextTurn } from 'node:timers/promises';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { CountUseResponse, UseCount } from '#gen/rangkiang/audit/v1/use.ts';
import type { ReplayedUse } from '#gen/rangkiang/broker/v1/simulation.ts';
import type { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { Candidate } from './candidate.ts';
import type { PolicyTime } from './decide.ts';
import { check } from './explain.ts';
import { purposeByName } from './purposes.ts';
import type { Snapshot } from './snapshot.ts';

const COUNTS_IN_A_TURN = 10;
const names: ReadonlyMap<Purpose, string> = new Map([...purposeByName].map(([name, purpose]) => [purpose, name]));

/**
 * Decides the recorded calls of one OPD again under two policies at one time, each as if it named no permit, and finds which
 * of the permits in `inForce` carried none of them.
 */
export async function replayUse(
  opd: string,
  { counts, complete, countedSince }: CountUseResponse,
  before: Snapshot,
  after: Snapshot,
  inForce: readonly Candidate[],
  time: PolicyTime,
): Promise<ReplayedUse> {
  const allows = (snapshot: Snapshot, { unit, method, purpose }: UseCount) => {
    return check(snapshot, { permit: '', opd, unit, method, purpose: names.get(purpose) ?? '' }, time).allowed;
  };
  const found = { answered: 0n, answeredNowDenied: 0n, denied: 0n, deniedNowAllowed: 0n };
  for (const [at, count] of counts.entries()) {
    // Two decisions take up to 0.2 ms, and there may be thousands.
    if (at % COUNTS_IN_A_TURN === 0) await nextTurn();
    const [was, is] = [allows(before, count), allows(after, count)];
    if (count.kind === Kind.DENIED) {
      found.denied += count.calls;
      if (!was && is) found.deniedNowAllowed += count.calls;
    } else {
      found.answered += count.calls;
      if (was && !is) found.answeredNowDenied += count.calls;
    }
  }
  const answered = counts.filter(({ kind }) => kind !== Kind.DENIED);
  const used = new Set(answered.map(({ permit }) => permit));
  return {
    since: countedSince,
    cutShort: !complete,
    ...found,
    unused: inForce.filter(({ id }) => !used.has(id)).map(({ id, number }) => ({ permit: id, number })),
  };
}
