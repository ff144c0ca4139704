import type { PolicyRequest } from '../broker/policy/decide.ts';
import { extendSnapshot, type PermitVerifiers } from '../broker/policy/extend-snapshot.ts';
import { parseAddress } from '../broker/policy/networks.ts';
import { emptySnapshot, type Snapshot } from '../broker/policy/snapshot.ts';
import type { Extend } from '../broker/snapshot-holder.ts';
import { methods } from '../mesh/contract.ts';
import { izinDigest } from '../mesh/izin.ts';
import { Aktivasi } from '../proto/gen/rangkiang/permit/v1/aktivasi.ts';
import { Izin } from '../proto/gen/rangkiang/permit/v1/izin.ts';
import { Element } from '../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../proto/gen/rangkiang/type/v1/purpose.ts';
import { changeBytes } from '../services/permit/domain/change-bytes.ts';

/** A permit of the simulated city, with the bytes of the changes that issue and revoke it. */
export interface Permit {
  readonly id: string;
  readonly name: string;
  readonly quotaPerDay: number;
  readonly issue: Buffer;
  readonly revoke: Buffer;
  readonly request: PolicyRequest;
}

const OPD = 'DKK';
const UNIT = 'PKM-PAUH';
const SYSTEM = 'simpus';
const METHOD = '/rangkiang.resident.v1.ResidentService/GetResident';
/** Small, so that a few hundred calls use them up. */
const QUOTAS = [40, 400, 90, 300, 40, 200, 60, 30];

/** First and last moment of validity: no permit of the simulation begins or ends in it. */
const VALID = { from: new Date('2026-01-01T00:00:00Z'), until: new Date('2027-01-01T00:00:00Z') };

const izins = new Map<string, Izin>();

/** The permits that a simulation may issue, in that order. */
export const permits: readonly Permit[] = QUOTAS.map((quotaPerDay, index) => {
  const id = `00000000-0000-4000-8000-00000000000${index}`;
  const jws = `izin-${index}`;
  izins.set(
    jws,
    Izin.create({
      permitId: id,
      number: `470/00${index}/IZIN-DATA/2026`,
      opd: OPD,
      units: [{ unit: UNIT, regions: ['13.71.08'] }],
      purpose: Purpose.PELAYANAN_PUBLIK,
      methods: [METHOD],
      elements: [Element.NIK, Element.NAMA_LENGKAP],
      quotaPerDay,
      quotaPerMinute: 1_000,
      rowCap: 10,
      minimumCell: 5,
      validFrom: VALID.from,
      validUntil: VALID.until,
    }),
  );
  return {
    id,
    name: `permit ${index}`,
    quotaPerDay,
    issue: changeBytes({ $case: 'permitIssued', value: { jws, aktivasiJws: jws } }),
    revoke: changeBytes({ $case: 'permitRevoked', value: { permitId: id, reason: 1 } }),
    request: {
      permit: id,
      opd: OPD,
      unit: UNIT,
      method: METHOD,
      purpose: 'PELAYANAN_PUBLIK',
      hasOperator: false,
      hasCaseNumber: false,
      system: SYSTEM,
      address: parseAddress('127.0.0.1'),
    },
  };
});

/** The policy before the first change. */
export const empty: Snapshot = emptySnapshot(methods, new Set([OPD]));

/** What stands in for the signed bytes names both documents: signatures are not simulated. */
const verify: PermitVerifiers = {
  izin: async (jws) => ({ bytes: Buffer.from(jws), izin: izinOf(jws) }),
  aktivasi: async (jws) => {
    const { permitId } = izinOf(jws);
    return Aktivasi.fromPartial({
      permitId,
      izinDigest: izinDigest(jws),
      systems: [SYSTEM],
      networks: ['127.0.0.0/8'],
    });
  },
};

function izinOf(jws: string): Izin {
  const izin = izins.get(jws);
  if (izin === undefined) throw new Error('no such Izin');
  return izin;
}

const REMEMBERED = 5_000;
const compiled = new Map<string, Promise<Snapshot>>();

/** The compiler of production. Equal changes after equal policies are compiled once: 10,000 cities share most of them. */
export const extend: Extend = (base, changes) => {
  const key = [base.digest, ...changes].map((bytes) => bytes.toString('base64')).join(' ');
  let next = compiled.get(key);
  if (next === undefined) {
    if (compiled.size >= REMEMBERED) compiled.clear();
    next = extendSnapshot(base, changes, verify);
    compiled.set(key, next);
  }
  return next;
};
