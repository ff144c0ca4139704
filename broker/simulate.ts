import type { CountUseRequest, CountUseResponse } from '#gen/rangkiang/audit/v1/use.ts';
import type { SimulateRequest, SimulateResponse } from '#gen/rangkiang/broker/v1/simulation.ts';
import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { type Locale, MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PolicySource } from './admission.ts';
import type { Candidate } from './policy/candidate.ts';
import type { PolicyTime } from './policy/decide.ts';
import { atAnyHour, permitsOf, withDraft } from './policy/draft.ts';
import { draftFaults, isDraftFault } from './policy/draft-faults.ts';
import { impactOf } from './policy/impact.ts';
import { overlapsOf } from './policy/overlaps.ts';
import { termsOf } from './policy/permit-terms.ts';
import { readRegionTable } from './policy/regions.ts';
import { replayUse } from './policy/replayed-use.ts';
import type { Quarantined, Snapshot } from './policy/snapshot.ts';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 30;

/** How the calls of an OPD ended, from the audit service. */
export type CountUse = (request: CountUseRequest) => Promise<CountUseResponse>;

/** Simulate. Nothing of the draft is kept: it is compiled aside and forgotten with the answer. */
export function simulate(policy: PolicySource, countUse: CountUse) {
  const regions = readRegionTable();
  return async (request: SimulateRequest, call: CallContext): Promise<SimulateResponse> => {
    const { draft, replaces } = request;
    if (!draft) throw new MeshError('REQUEST_INVALID');
    if (call.grant.scope !== Scope.ALL) throw new MeshError('NO_PERMIT');
    const { snapshot: before, time: now } = policy.current();
    if (!now.live) throw new MeshError('POLICY_STALE');
    const installed = withDraft(before, draft, replaces);
    if (typeof installed === 'string') return refused(installed, before, call.locale);

    const { candidate, replaced } = installed;
    const [was, is] = [atAnyHour(before, draft.opd), atAnyHour(installed.snapshot, draft.opd)];
    const time = timeOfComparison(candidate, now);
    const others = permitsOf(before, draft.opd);
    const remaining = others.filter((permit) => !replaced.includes(permit) && now.latestMs < permit.validUntilMs);
    const overlaps = overlapsOf(candidate, remaining);
    const overlapping = remaining.filter(({ id }) => overlaps.some(({ permit }) => permit === id));

    const since = new Date(now.latestMs - (request.days || USUAL_DAYS) * DAY_MS);
    const use = await countUse({ opd: draft.opd, since });
    call.record.rows = use.counts.length;
    const inForce = others.filter(
      (permit) => now.latestMs < permit.validUntilMs && permit.validFromMs <= now.earliestMs,
    );
    return {
      fault: undefined,
      comparedAt: new Date(time.earliestMs),
      ...(await impactOf(draft.opd, was, is, [candidate, ...replaced], time, regions)),
      overlaps,
      terms: [candidate, ...replaced, ...overlapping].map((each) => termsOf(each, before.lateDuties)),
      unknownRegions: regions.unknown([...new Set(draft.units.flatMap((unit) => unit.regions))]),
      use: await replayUse(draft.opd, use, was, is, inForce, time),
      policyVersion: before.version,
    };
  };
}

/** Now, or the draft's first moment when it begins later: before that it changes nothing yet. */
function timeOfComparison({ validFromMs }: Candidate, now: PolicyTime): PolicyTime {
  const earliestMs = Math.max(now.earliestMs, validFromMs);
  return { live: true, earliestMs, latestMs: Math.max(now.latestMs, earliestMs) };
}

function refused(fault: Quarantined['fault'], { version }: Snapshot, locale: Locale): SimulateResponse {
  // Whatever else keeps a permit from being compiled is a fault of ours.
  if (!isDraftFault(fault)) throw new MeshError('INTERNAL');
  const { field, [locale]: text } = draftFaults[fault];
  return {
    fault: { fault, field, text },
    comparedAt: undefined,
    gains: [],
    losses: [],
    overlaps: [],
    terms: [],
    unknownRegions: [],
    use: undefined,
    policyVersion: version,
  };
}
