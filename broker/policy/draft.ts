import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { MeshError } from '#mesh/errors.ts';
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
 * Builds aside the policy as it would be with a draft issued and the permit `replaces` (UUID, or empty) revoked; `base` stays
 * as it is. Answers the fault that would keep the draft from counting. Throws PERMIT_NOT_FOUND when the OPD has no permit
 * of that name in force.
 */
export function withDraft(base: Snapshot, izin: Izin, replaces: string): DraftInstalled | Quarantined['fault'] {
  if (base.permits.some(({ id }) => id === izin.permitId)) return 'PERMIT_ID_REUSED';
  let candidate: Candidate;
  try {
    // Nothing is signed yet. The row's hash of the signed bytes is seen by nobody.
    candidate = compilePermit(izin, '', base.methods, base.registeredOpds);
  } catch (error) {
    return error instanceof PermitRefused ? error.fault : 'NOT_COMPILED';
  }
  const policy = base.opds.get(izin.opd);
  if (!policy) return 'OPD_UNREGISTERED';
  const replaced = permitsOf(base, izin.opd).filter(({ id }) => id === replaces);
  if (replaces !== '' && replaced.length === 0) throw new MeshError('PERMIT_NOT_FOUND');

  const revoked = new Set([...base.revoked, ...replaced.map(({ id }) => id)]);
  const opds = new Map(base.opds);
  opds.set(izin.opd, new OpdPolicy(izin.opd, policy.version, [...policy.candidates, candidate], revoked));
  const snapshot = Object.freeze({ ...base, opds, permits: [...base.permits, candidate], revoked });
  return { snapshot, candidate, replaced };
}

/** Permits of an OPD that are not revoked. */
export function permitsOf({ opds, revoked }: Snapshot, opd: string): readonly Candidate[] {
  return opds.get(opd)?.candidates.filter(({ id, izin }) => izin !== undefined && !revoked.has(id)) ?? [];
}
