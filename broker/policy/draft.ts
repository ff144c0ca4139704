import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { MeshError } from '#mesh/errors.ts';
import { openActivation } from './activation.ts';
import type { Candidate } from './candidate.ts';
import { compilePermit, PermitRefused } from './compile-permit.ts';
import { OpdPolicy } from './opd-policy.ts';
import type { Quarantined, Snapshot } from './snapshot.ts';

/** A policy in which a draft counts as if it were signed. */
export interface DraftInstalled {
  readonly snapshot: Snapshot;
  /** What the draft was compiled to. */
  readonly candidate: Candidate;
  /** The permit that no longer counts because of it, if any. */
  readonly replaced: readonly Candidate[];
}

/**
 * Builds aside the policy as it would be with a draft issued and activated for everybody, and the permit `replaces` (UUID, or empty) revoked; `base` stays
 * as it is. Answers the fault that would keep the draft from counting. Throws PERMIT_NOT_FOUND when the OPD has no permit
 * of that name in force.
 */
export function withDraft(base: Snapshot, izin: Izin, replaces: string): DraftInstalled | Quarantined['fault'] {
  // A renewal: the same permit with a higher version takes the place of the one before.
  if (izin.version <= (base.newest.get(izin.permitId) ?? -1)) return 'PERMIT_ID_REUSED';
  const renewed = base.permits.find(({ id }) => id === izin.permitId);
  if (renewed && renewed.izin?.opd !== izin.opd) return 'PERMIT_ID_REUSED';
  let candidate: Candidate;
  try {
    // Nothing is signed yet. The row's hash of the signed bytes is seen by nobody.
    const compiled = compilePermit(izin, '', base.methods, base.registeredOpds);
    candidate = Object.freeze({ ...compiled, activation: openActivation });
  } catch (error) {
    return error instanceof PermitRefused ? error.fault : 'NOT_COMPILED';
  }
  const policy = base.opds.get(izin.opd);
  if (!policy) return 'OPD_UNREGISTERED';
  const named = permitsOf(base, izin.opd).filter(({ id }) => id === replaces);
  if (replaces !== '' && named.length === 0) throw new MeshError('PERMIT_NOT_FOUND');
  const replaced = renewed && renewed.id !== replaces ? [renewed, ...named] : named;

  const revoked = new Set([...base.revoked, ...named.map(({ id }) => id).filter((id) => id !== izin.permitId)]);
  const withIt = (permits: readonly Candidate[]) =>
    renewed ? permits.map((permit) => (permit === renewed ? candidate : permit)) : [...permits, candidate];
  const opds = new Map(base.opds);
  opds.set(
    izin.opd,
    new OpdPolicy(
      izin.opd,
      policy.version,
      withIt(policy.candidates),
      { revoked, suspended: base.suspended, inDoubt: base.inDoubt, emergencies: base.emergencies },
      base.frozen.elements,
    ),
  );
  const snapshot = Object.freeze({ ...base, opds, permits: withIt(base.permits), revoked });
  return { snapshot, candidate, replaced };
}

/**
 * The same policy as if all permits of an OPD could be used at any hour; `base` stays as it is. What a draft changes must not
 * hang on the hour at which one asks.
 */
export function atAnyHour(base: Snapshot, opd: string): Snapshot {
  const policy = base.opds.get(opd);
  if (!policy?.candidates.some(({ hours }) => hours !== undefined)) return base;
  const { version, candidates, stopped, frozenElements } = policy;
  const open = candidates.map((candidate) => Object.freeze({ ...candidate, hours: undefined }));
  return Object.freeze({
    ...base,
    opds: new Map(base.opds).set(opd, new OpdPolicy(opd, version, open, stopped, frozenElements)),
  });
}

/** Permits of an OPD that are not revoked. */
export function permitsOf({ opds, revoked }: Snapshot, opd: string): readonly Candidate[] {
  return opds.get(opd)?.candidates.filter(({ id, izin }) => izin !== undefined && !revoked.has(id)) ?? [];
}
