import type { Overlap } from '#gen/rangkiang/broker/v1/simulation.ts';
import type { Candidate } from './candidate.ts';

/** How one permit covers the same calls as another at some time; undefined when there is no such call. */
function overlapOf(draft: Candidate, other: Candidate): Overlap | undefined {
  if (draft.validFromMs >= other.validUntilMs || other.validFromMs >= draft.validUntilMs) return undefined;
  const units = (draft.izin?.units ?? []).map(({ unit }) => unit).filter((unit) => other.names(unit));
  const methods = [...draft.rows].filter(([method, byPurpose]) =>
    [...byPurpose.keys()].some((purpose) => other.rows.get(method)?.has(purpose)),
  );
  if (units.length === 0 || methods.length === 0) return undefined;
  return { permit: other.id, number: other.number, units, methods: methods.map(([method]) => method) };
}

/** Which of the other permits of an OPD cover some of the calls of a draft. */
export function overlapsOf(draft: Candidate, others: readonly Candidate[]): Overlap[] {
  return others.map((other) => overlapOf(draft, other)).filter((overlap) => overlap !== undefined);
}
