import type { EffectiveRow } from '#gen/rangkiang/broker/v1/effective.ts';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Candidate } from './candidate.ts';
import { EVERY_UNIT } from './casbin.ts';
import { candidatesFor, outcomeOf, type PolicyTime } from './decide.ts';
import { asRequest } from './explain.ts';
import type { Check } from './judge.ts';
import { allJudgements, type OpdPolicy } from './opd-policy.ts';
import type { Snapshot } from './snapshot.ts';

/** One method that one unit may call for one purpose under one candidate, not decided yet. */
export interface EffectiveUse {
  readonly candidate: Candidate;
  /** EVERY_UNIT where statute lets every unit call. */
  readonly unit: string;
  readonly method: string;
  readonly purpose: string;
}

/** Every use that an OPD has a row for, in the order of issue; not of permits that are revoked or over. */
export function* usesOf({ candidates, stopped }: OpdPolicy, unit: string, time: PolicyTime): Generator<EffectiveUse> {
  for (const candidate of candidates) {
    if (stopped.revoked.has(candidate.id) || !(time.latestMs < candidate.validUntilMs)) continue;
    for (const row of [...candidate.rows.values()].flatMap((byPurpose) => [...byPurpose.values()].flat())) {
      const [, , units = '', method = '', purpose = ''] = row;
      const named: string[] = units === EVERY_UNIT ? [EVERY_UNIT] : JSON.parse(units);
      for (const name of named) {
        if (unit === '' || name === unit || name === EVERY_UNIT) yield { candidate, unit: name, method, purpose };
      }
    }
  }
}

/** A use as `decide` would judge it now, without its text. */
export function effectiveRow(
  snapshot: Snapshot,
  opd: string,
  { candidate, unit, method, purpose }: EffectiveUse,
  time: PolicyTime,
): Omit<EffectiveRow, 'text' | 'reason'> & { readonly reason: Check | undefined } {
  // Statute's "every unit" is decided for the head unit, which stands for them all.
  const asked = unit === EVERY_UNIT ? 'PUSAT' : unit;
  const request = asRequest({ permit: candidate.id, opd, unit: asked, method, purpose });
  const found = candidatesFor(snapshot, request, time);
  const [judgement] = typeof found === 'string' ? [] : allJudgements(found);
  const outcome = judgement ? outcomeOf(judgement, request, time) : 'NO_PERMIT';
  const refused = typeof outcome === 'string';
  const { elements, regions } = refused ? candidate.terms(asked, method) : Grant.decode(outcome.terms);
  return {
    unit,
    method,
    purpose,
    permit: candidate.id,
    elements: [...elements],
    regions: [...regions],
    reason: refused ? outcome : undefined,
  };
}
