import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import type { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { Method } from '#mesh/contract.ts';
import type { OpenHours } from '#mesh/hours.ts';
import type { Candidate, Terms } from './candidate.ts';
import { allows, STATUTE } from './casbin.ts';
import { type Emergencies, type EmergencyWindow, emergencyWindow } from './emergencies.ts';
import { purposeName } from './purposes.ts';

const noGrant = Grant.create();

/** An allowed call. */
export interface Allowed {
  readonly allowed: true;
  /** The permit's UUID, or "STATUTE". */
  readonly permit: string;
  readonly policyVersion: bigint;
  /** Milliseconds since 1970 UTC. */
  readonly validFromMs: number;
  readonly validUntilMs: number;
  /** When the permit may be used, within its validity; undefined for any hour. */
  readonly hours: OpenHours | undefined;
  /** Most rows in one answer; 0 for statute, which sets no cap. */
  readonly rowCap: number;
  /** Undefined for statute. */
  readonly quota: { readonly perDay: number; readonly perMinute: number } | undefined;
  /** The bytes of a mesh.v1.Grant with all that permit and caller's unit decide. Equal terms are the identical grant. */
  readonly terms: Buffer;
  /** The same with the policy version. Fields of the single call are appended: in protobuf the last value counts. */
  readonly grantBytes: Buffer;
}

/** Reasons that a candidate does not carry a call, in the order in which they are checked. */
export const checks = [
  'NO_PERMIT',
  'UNIT_NOT_GRANTED',
  'PERMIT_REVOKED',
  'PERMIT_SUSPENDED',
  'PERMIT_IN_DOUBT',
  'NOT_ACTIVATED',
  'PERMIT_NOT_YET_VALID',
  'PERMIT_EXPIRED',
  'EMERGENCY_NOT_ACTIVE',
  'EMERGENCY_ENDED',
  'METHOD_NOT_GRANTED',
  'PURPOSE_NOT_GRANTED',
  'ELEMENT_NOT_GRANTED',
  'ELEMENT_FROZEN',
  'REGION_NOT_GRANTED',
  'SYSTEM_NOT_ACTIVATED',
  'NETWORK_NOT_ALLOWED',
  'OUTSIDE_HOURS',
  'OPERATOR_REQUIRED',
  'CASE_NUMBER_REQUIRED',
] as const;
/** The first check that fails. */
export type Check = (typeof checks)[number];

/** A policy version, and its bytes as field of a Grant. */
export interface PolicyVersion {
  readonly number: bigint;
  readonly grantBytes: Buffer;
}

/** The encoded form of a version, made once for a snapshot. */
export function policyVersion(number: bigint): PolicyVersion {
  return { number, grantBytes: Grant.encode({ ...noGrant, policyVersion: number }).finish() };
}

/** Who asks for what, as far as it is the same from call to call. */
export interface Use {
  readonly version: PolicyVersion;
  readonly opd: string;
  readonly unit: string;
  readonly method: Method;
  readonly purpose: Purpose;
  /** Elements that nobody gets while they are frozen. */
  readonly frozenElements: ReadonlySet<Element>;
}

/** All about one candidate for a use that neither time nor the single call changes. */
export interface Judgement {
  readonly candidate: Candidate;
  /** A failed check that comes before the time window. */
  readonly before: Check | undefined;
  /** When an emergency permit counts; undefined for every other candidate. */
  readonly emergency: EmergencyWindow | undefined;
  /** Casbin's answer, and the elements and regions after it. */
  readonly outcome: Check | Allowed;
}

/** Permits that do not count though they are installed, by their UUIDs; an emergency permit unless it is activated. */
export interface Stopped {
  readonly revoked: ReadonlySet<string>;
  readonly suspended: { has(permit: string): boolean };
  /** The policy log and the audit log do not tell the same of them. */
  readonly inDoubt: ReadonlySet<string>;
  readonly emergencies: Emergencies;
}

/** Judges one candidate, about 8 us. */
export function judge(candidate: Candidate, stopped: Stopped, use: Use): Judgement {
  const before = beforeTime(candidate, stopped, use);
  const emergency = emergencyWindow(candidate, stopped.emergencies);
  return {
    candidate,
    before,
    emergency,
    outcome: before ?? askCasbin(candidate, use) ?? grant(candidate, emergency, use),
  };
}

function beforeTime(candidate: Candidate, { revoked, suspended, inDoubt }: Stopped, use: Use): Check | undefined {
  if (!candidate.names(use.unit)) return 'UNIT_NOT_GRANTED';
  if (revoked.has(candidate.id)) return 'PERMIT_REVOKED';
  if (suspended.has(candidate.id)) return 'PERMIT_SUSPENDED';
  if (inDoubt.has(candidate.id)) return 'PERMIT_IN_DOUBT';
  return candidate.izin && !candidate.activation ? 'NOT_ACTIVATED' : undefined;
}

function askCasbin(candidate: Candidate, use: Use): Check | undefined {
  const { opd, unit, method } = use;
  const byPurpose = candidate.rows.get(method.path);
  if (byPurpose === undefined) return candidate.id === STATUTE ? 'NO_PERMIT' : 'METHOD_NOT_GRANTED';
  const purpose = purposeName(use.purpose);
  const bucket = byPurpose.get(purpose);
  if (bucket === undefined) return 'PURPOSE_NOT_GRANTED';
  const request = { permit: candidate.id, opd, unit, method: method.path, purpose };
  return allows(bucket, request) ? undefined : 'UNIT_NOT_GRANTED';
}

function grant(candidate: Candidate, window: EmergencyWindow | undefined, use: Use): Check | Allowed {
  const { version, opd, unit, method, purpose } = use;
  const stated = candidate.terms(unit, method.path);
  const granted = withoutFrozen(stated, use.frozenElements);
  if (method.policy.auditClass === 'DISCLOSURE') {
    if (stated.elements.length === 0) return 'ELEMENT_NOT_GRANTED';
    if (granted.elements.length === 0) return 'ELEMENT_FROZEN';
    if (granted.regions.length === 0) return 'REGION_NOT_GRANTED';
  }
  const permit = candidate.id;
  const emergency = window?.activationId ?? '';
  const { izin, hours } = candidate;
  const legalBasis = izin?.legalBasis ?? '';
  const terms = Grant.encode({ ...noGrant, ...granted, permit, opd, unit, purpose, emergency, legalBasis }).finish();
  const validFromMs = Math.max(candidate.validFromMs, window?.fromMs ?? -Infinity);
  const validUntilMs = Math.min(candidate.validUntilMs, window?.untilMs ?? Infinity);
  return Object.freeze({
    allowed: true,
    permit,
    policyVersion: version.number,
    validFromMs,
    validUntilMs,
    hours,
    rowCap: granted.rowCap,
    quota: izin && { perDay: izin.quotaPerDay, perMinute: izin.quotaPerMinute },
    terms,
    grantBytes: Buffer.concat([terms, version.grantBytes]),
  });
}

/** What is left of the terms while some elements are frozen. */
function withoutFrozen(terms: Terms, frozen: ReadonlySet<Element>): Terms {
  if (frozen.size === 0) return terms;
  return {
    ...terms,
    elements: terms.elements.filter((element) => !frozen.has(element)),
    disability: terms.disability && !frozen.has(Element.CACAT),
  };
}
