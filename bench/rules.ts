import { randomUUID } from 'node:crypto';
import { extendSnapshot } from '../broker/policy/extend-snapshot.ts';
import { parseAddress } from '../broker/policy/networks.ts';
import { emptySnapshot, type Snapshot } from '../broker/policy/snapshot.ts';
import { methods } from '../mesh/contract.ts';
import { izinDigest } from '../mesh/izin.ts';
import { Aktivasi } from '../proto/gen/rangkiang/permit/v1/aktivasi.ts';
import type { Izin } from '../proto/gen/rangkiang/permit/v1/izin.ts';
import { PolicyChange } from '../proto/gen/rangkiang/permit/v1/policy.ts';
import { Element } from '../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../proto/gen/rangkiang/type/v1/purpose.ts';

// Rules for the benches that decide: OPDs with units, each unit with a permit of its own for some methods. A rule is one
// row of the policy: this permit, OPD, unit, method and purpose.

const dayMs = 86_400_000;
const names = ['VerifyResident', 'GetResident', 'GetFamily', 'AggregateResidents'];

/** Who asks, and from where; the last of several systems and networks, so that all are looked at. */
export const asker = { system: 'layanan', address: parseAddress('10.20.0.7') } as const;
const activated = { systems: ['simpus', 'layanan'], networks: ['192.168.0.0/16', 'fd00::/8', '10.20.0.0/16'] };

/** How many of everything. */
export interface Size {
  readonly opds: number;
  /** Of each OPD. */
  readonly units: number;
  /** That each unit is granted, at most 4. */
  readonly methods: number;
}

/** What one rule allows. */
export interface Rule {
  /** UUID. */
  readonly permit: string;
  readonly opd: string;
  readonly unit: string;
  readonly method: string;
  readonly purpose: 'PELAYANAN_PUBLIK';
}

/** Rules of one size. */
export interface RuleSet {
  readonly opds: readonly string[];
  readonly rules: readonly Rule[];
  readonly permits: number;
  /** Compiles all of it, with an empty memo. What stands in for each JWS names the permit; signatures are not measured. */
  newSnapshot(): Promise<Snapshot>;
}

function izinOf(opd: string, unit: string, granted: readonly string[]): Izin {
  const nowMs = Date.now();
  return {
    permitId: randomUUID(),
    number: '470/001/IZIN-DATA/2026',
    opd,
    units: [{ unit, regions: ['13.71.11'] }],
    purpose: Purpose.PELAYANAN_PUBLIK,
    methods: [...granted],
    elements: [Element.NIK, Element.NAMA_LENGKAP, Element.TANGGAL_LAHIR],
    quotaPerDay: 1_000,
    quotaPerMinute: 1_000,
    rowCap: 100,
    minimumCell: 5,
    validFrom: new Date(nowMs - dayMs),
    validUntil: new Date(nowMs + dayMs),
    children: false,
    disability: false,
    hours: [],
    legalBasis: '',
    subPurpose: '',
    operatorRequired: false,
    caseNumberRequired: false,
    version: 0,
    dirjenLetter: '',
    dataBalikan: [],
    emergency: undefined,
  };
}

/** Makes the rules of a size. */
export function makeRules(size: Size): RuleSet {
  const granted = names.slice(0, size.methods).map((name) => `/rangkiang.resident.v1.ResidentService/${name}`);
  const opds = Array.from({ length: size.opds }, (_, i) => `OPD_${i}`);
  const izins = opds.flatMap((opd) => Array.from({ length: size.units }, (_, i) => izinOf(opd, `UNIT-${i}`, granted)));
  const byId = new Map(izins.map((izin) => [izin.permitId, izin]));
  const changes = izins.map(({ permitId: jws }) =>
    PolicyChange.encode({ change: { $case: 'permitIssued', value: { jws, aktivasiJws: jws } } }).finish(),
  );
  return {
    opds,
    rules: izins.flatMap(({ permitId: permit, opd, units }) =>
      granted.map((method) => ({
        permit,
        opd,
        unit: units[0]?.unit ?? '',
        method,
        purpose: 'PELAYANAN_PUBLIK' as const,
      })),
    ),
    permits: izins.length,
    newSnapshot: () =>
      extendSnapshot(emptySnapshot(methods, new Set(opds)), changes, {
        izin: async (jws) => {
          const izin = byId.get(jws);
          if (izin === undefined) throw new Error('no such permit');
          return { bytes: Buffer.from(jws), izin };
        },
        aktivasi: async (permitId) =>
          Aktivasi.fromPartial({ permitId, izinDigest: izinDigest(permitId), ...activated }),
      }),
  };
}
