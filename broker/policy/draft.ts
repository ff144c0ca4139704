import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import type { Candidate } from './candidate.ts';
import { compilePermit, PermitRefused } from './compile-permit.ts';
import { OpdPolicy } from './opd-policy.ts';
import type { Quarantined, Snapshot } from './snapshot.ts';

/** A policy in which a draft counts as if it were signed, and what it was compiled to. */
export interface DraftInstalled {
  readonly snapshot: Snapshot;
  readonly candidate: Candidate;
}

/**
 * Builds aside the policy as it would be with a draft issued and the permit `replaces` (UUID, or empty) revoked; `base` stays
 * as it is. Answers the fault that would keep the draft from counting.
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
  const revoked = replaces === '' ? base.revoked : new Set([...base.revoked, replaces]);
  const opds = new Map(base.opds);
  opds.set(izin.opd, new OpdPolicy(izin.opd, policy.version, [...policy.candidates, candidate], revoked));
  return { candidate, snapshot: Object.freeze({ ...base, opds, permits: [...base.permits, candidate], revoked }) };
}
