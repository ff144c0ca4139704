import { hash, randomUUID } from 'node:crypto';
import { Kind, Leaf, type PolicyNarrowing } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { PolicyRecord } from '#gen/rangkiang/audit/v1/policy_feed.ts';
import { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { type Directive, type DirectiveTarget, LiftOrder } from '#gen/rangkiang/permit/v1/directive.ts';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Pemulihan } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { methods } from '#mesh/contract.ts';
import { MeshError } from '#mesh/errors.ts';
import { izinDigest, verifyAktivasi, verifyIzin } from '#mesh/izin.ts';
import type { SigningKeys } from '#mesh/signing-keys.ts';
import type { Decision, PolicyRequest, PolicyTime } from '../../broker/policy/decide.ts';
import type { VerifyLift } from '../../broker/policy/directives.ts';
import {
  type ExtendOptions,
  extendSnapshot,
  type PermitVerifiers,
  type VerifyPemulihan,
} from '../../broker/policy/extend-snapshot.ts';
import { parseAddress } from '../../broker/policy/networks.ts';
import { readOpdCodes } from '../../broker/policy/opd-codes.ts';
import { emptySnapshot, type Snapshot } from '../../broker/policy/snapshot.ts';

/** The four methods that a permit can grant. */
export const residentMethods: Readonly<Record<'get' | 'family' | 'verify' | 'aggregate', string>> = {
  get: '/rangkiang.resident.v1.ResidentService/GetResident',
  family: '/rangkiang.resident.v1.ResidentService/GetFamily',
  verify: '/rangkiang.resident.v1.ResidentService/VerifyResident',
  aggregate: '/rangkiang.resident.v1.ResidentService/AggregateResidents',
};

/** A moment inside the validity of `izinOf`, and that validity, in milliseconds. */
export const noon: number = Date.parse('2026-06-01T12:00:00+07:00');
export const validFrom: number = Date.parse('2026-01-01T00:00:00+07:00');
export const validUntil: number = Date.parse('2027-01-01T00:00:00+07:00');

/** A permit of the health office for two Puskesmas, or what `changes` say. */
export function izinOf(changes: Partial<Izin> = {}): Izin {
  return Izin.create({
    permitId: randomUUID(),
    number: '470/012/IZIN-DATA/2026',
    opd: 'DKK',
    units: [
      { unit: 'PKM-PAUH', regions: ['13.71.08'] },
      { unit: 'PKM-NANGGALO', regions: ['13.71.10', '13.71.11'] },
    ],
    purpose: Purpose.PELAYANAN_PUBLIK,
    methods: [residentMethods.get, residentMethods.verify],
    elements: [Element.NIK, Element.NAMA_LENGKAP],
    quotaPerDay: 1_000,
    quotaPerMinute: 60,
    rowCap: 10,
    minimumCell: 5,
    validFrom: new Date(validFrom),
    validUntil: new Date(validUntil),
    ...changes,
  });
}

/**
 * Bytes of the change that issues a permit; its "signature" is a digest, which `verifyDigest` checks. The permit is activated
 * with it for two systems from everywhere, or for what `changes` say.
 */
export function issued(izin: Izin, changes: Partial<Aktivasi> = {}): Buffer {
  const jws = signedByDigest(Izin.encode(izin).finish());
  return change({ $case: 'permitIssued', value: { jws, aktivasiJws: aktivasiFor(izin, changes) } });
}

/** The same without its activation. */
export function issuedAlone(izin: Izin): Buffer {
  const jws = signedByDigest(Izin.encode(izin).finish());
  return change({ $case: 'permitIssued', value: { jws, aktivasiJws: '' } });
}

/** Bytes of the change that activates it. */
export function permitActivated(izin: Izin, changes: Partial<Aktivasi> = {}): Buffer {
  return change({ $case: 'permitActivated', value: { jws: aktivasiFor(izin, changes) } });
}

function aktivasiFor(izin: Izin, changes: Partial<Aktivasi>): string {
  const aktivasi = Aktivasi.fromPartial({
    permitId: izin.permitId,
    version: izin.version,
    izinDigest: izinDigest(signedByDigest(Izin.encode(izin).finish())),
    pksNumber: '470/012/PKS/2026',
    juknisNumber: '470/012/JUKNIS/2026',
    systems: ['simpus', 'layanan'],
    networks: ['0.0.0.0/0', '::/0'],
    ...changes,
  });
  return signedByDigest(Aktivasi.encode(aktivasi).finish());
}

function signedByDigest(bytes: Uint8Array): string {
  const body = Buffer.from(bytes).toString('base64url');
  return `${body}.${hash('sha256', body, 'hex')}`;
}

/** Bytes of the change that revokes a permit. */
export function revoked(permitId: string): Buffer {
  return change({ $case: 'permitRevoked', value: { permitId, reason: 1 } });
}

/** A directive against a target. */
export function directiveOf(target: DirectiveTarget['target']): Directive {
  return { directiveId: randomUUID(), target: { target }, reason: 'Kata sandi bocor' };
}

/** Bytes of the change that freezes. */
export function frozen(directive: Directive): Buffer {
  return change({ $case: 'frozen', value: directive });
}

/** Bytes of the change that lifts a freeze; its "signature" is a digest, which `verifyLiftDigest` checks. */
export function lifted({ directiveId, target }: Directive, reason = 'Sandi sudah diganti'): Buffer {
  const jws = signedByDigest(LiftOrder.encode({ directiveId, target, reason }).finish());
  return change({ $case: 'lifted', value: { jws } });
}

/** Bytes of the change that suspends a permit. */
export function suspended(permitId: string, suspensionId: string): Buffer {
  return change({ $case: 'permitSuspended', value: { permitId, suspensionId, reason: 1 } });
}

/** Bytes of the change that lifts a suspension; "signed" as by `issued`. */
export function reinstated(permitId: string, suspensionId: string): Buffer {
  const pemulihan = Pemulihan.fromPartial({ permitId, suspensionId });
  return change({ $case: 'permitReinstated', value: { jws: signedByDigest(Pemulihan.encode(pemulihan).finish()) } });
}

function change(content: NonNullable<PolicyChange['change']>): Buffer {
  return Buffer.from(PolicyChange.encode({ change: content }).finish());
}

/** Stands for the verification of signatures where a test needs thousands. */
export const verifyDigest: PermitVerifiers = {
  izin: async (jws) => {
    const bytes = bodyOf(jws);
    return { bytes, izin: Izin.decode(bytes) };
  },
  aktivasi: async (jws) => Aktivasi.decode(bodyOf(jws)),
};

/** Verifies real signatures against these keys alone. */
export function verifyAgainst(pinned: SigningKeys): PermitVerifiers {
  return { izin: (jws) => verifyIzin(jws, pinned), aktivasi: (jws) => verifyAktivasi(jws, pinned) };
}

/** The same for a lift. */
const verifyLiftDigest: VerifyLift = async (jws) => LiftOrder.decode(bodyOf(jws));

/** The same for what lifts a suspension. */
const verifyPemulihanDigest: VerifyPemulihan = async (jws) => Pemulihan.decode(bodyOf(jws));

function bodyOf(jws: string): Buffer {
  const [body = '', digest] = jws.split('.');
  if (hash('sha256', body, 'hex') !== digest) throw new MeshError('SIGNATURE_INVALID');
  return Buffer.from(body, 'base64url');
}

/** The policy with statute alone. */
export const statuteOnly: Snapshot = emptySnapshot(methods, readOpdCodes());

/** The snapshot after some changes. */
export function snapshotOf(...changes: Buffer[]): Promise<Snapshot> {
  return extendByDigest(statuteOnly, changes);
}

/** `extendSnapshot` with "signatures" that are digests. */
export function extendByDigest(
  base: Snapshot,
  changes: readonly Buffer[],
  options: Pick<ExtendOptions, 'isRecorded' | 'missing'> = {},
): Promise<Snapshot> {
  const verifiers = { verifyLift: verifyLiftDigest, verifyPemulihan: verifyPemulihanDigest };
  return extendSnapshot(base, changes, verifyDigest, { ...options, ...verifiers });
}

/** The record of a change at an index of the audit log; with `narrows` for one that narrows. */
export function recordOf(index: number, change: Buffer, narrows?: PolicyNarrowing['narrowing']): PolicyRecord {
  const leaf = Leaf.fromPartial({
    kind: Kind.POLICY,
    policyChangeDigest: hash('sha256', change, 'buffer'),
    ...(narrows && { narrows: { narrowing: narrows } }),
  });
  return { index: BigInt(index), leaf: Leaf.encode(leaf).finish() };
}

/** The record of a narrowing that holds its change. */
export function narrowingRecord(index: number, change: Buffer): PolicyRecord {
  return recordOf(index, change, { $case: 'change', value: change });
}

/** A call that `izinOf` allows, or what `changes` say. */
export function requestOf(changes: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    permit: '',
    opd: 'DKK',
    unit: 'PKM-PAUH',
    method: residentMethods.get,
    purpose: 'PELAYANAN_PUBLIK',
    hasOperator: false,
    hasCaseNumber: false,
    system: 'simpus',
    address: parseAddress('10.20.0.7'),
    serial: '0A1B2C',
    ...changes,
  };
}

/** A live lease at a moment. */
export function at(ms: number): PolicyTime {
  return { live: true, earliestMs: ms, latestMs: ms };
}

/** The permit of an allowed call, the reason of another. */
export function told(decision: Decision): string {
  return decision.allowed ? decision.permit : decision.reason;
}
