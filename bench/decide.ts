import { randomUUID } from 'node:crypto';
import { decide, type PolicyRequest } from '../broker/policy/decide.ts';
import { emptySnapshot, extendSnapshot, type Snapshot } from '../broker/policy/snapshot.ts';
import { methods } from '../mesh/contract.ts';
import type { Izin } from '../proto/gen/rangkiang/permit/v1/izin.ts';
import { PolicyChange } from '../proto/gen/rangkiang/permit/v1/policy.ts';
import { Element } from '../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../proto/gen/rangkiang/type/v1/purpose.ts';
import type { BenchOptions, Finding, Report } from './report.ts';
import { median } from './statistics.ts';

// The row "decide(), 10,000 rows, first time / memo": 49 OPD with 52 units, each unit with a permit of its own for four methods.

const OPDS = 49;
const UNITS = 52;
const MEMO_PASSES = 100;
const dayMs = 86_400_000;
const granted = ['VerifyResident', 'GetResident', 'GetFamily', 'AggregateResidents'].map(
  (name) => `/rangkiang.resident.v1.ResidentService/${name}`,
);
const asked = { permit: '', purpose: 'PELAYANAN_PUBLIK', hasOperator: false, hasCaseNumber: false };
const opds = Array.from({ length: OPDS }, (_, i) => `OPD_${i}`);
const units = Array.from({ length: UNITS }, (_, i) => `UNIT-${i}`);

function izinOf(opd: string, unit: string, nowMs: number): Izin {
  return {
    permitId: randomUUID(),
    number: '470/001/IZIN-DATA/2026',
    opd,
    units: [{ unit, regions: ['13.71.11'] }],
    purpose: Purpose.PELAYANAN_PUBLIK,
    methods: granted,
    elements: [Element.NIK, Element.NAMA_LENGKAP, Element.TANGGAL_LAHIR],
    quotaPerDay: 1_000,
    quotaPerMinute: 1_000,
    rowCap: 100,
    minimumCell: 5,
    validFrom: new Date(nowMs - dayMs),
    validUntil: new Date(nowMs + dayMs),
    children: false,
    disability: false,
    operatorRequired: false,
    caseNumberRequired: false,
    version: 0,
    dirjenLetter: '',
  };
}

/** A snapshot of all permits with an empty memo. What stands in for the JWS names the Izin; signatures are not measured. */
async function newSnapshot(izins: ReadonlyMap<string, Izin>): Promise<Snapshot> {
  const changes = [...izins.keys()].map((jws) =>
    Buffer.from(PolicyChange.encode({ change: { $case: 'permitIssued', value: { jws } } }).finish()),
  );
  return extendSnapshot(emptySnapshot(methods, new Set(opds)), changes, async (jws) => {
    const izin = izins.get(jws);
    if (izin === undefined) throw new Error('no such permit');
    return { bytes: Buffer.from(jws), izin };
  });
}

/** Decides every request once; answers microseconds for each, on average. */
function passUs(snapshot: Snapshot, requests: readonly PolicyRequest[], nowMs: number): number {
  const time = { live: true, earliestMs: nowMs, latestMs: nowMs };
  const startMs = performance.now();
  for (const request of requests) {
    if (!decide(snapshot, request, time).allowed) throw new Error('a call that is granted was denied');
  }
  return ((performance.now() - startMs) * 1000) / requests.length;
}

/** Measures `decide` in this process. */
export async function run({ rounds }: BenchOptions): Promise<Report> {
  const nowMs = Date.now();
  const izins = new Map(
    opds.flatMap((opd) => units.map((unit) => [`${opd}.${unit}`, izinOf(opd, unit, nowMs)] as const)),
  );
  const unnamed = opds.flatMap((opd) =>
    units.flatMap((unit) => granted.map((method) => ({ ...asked, opd, unit, method }))),
  );
  const named = unnamed.map((request) => ({
    ...request,
    permit: izins.get(`${request.opd}.${request.unit}`)?.permitId ?? '',
  }));
  const findings = [
    ...(await measure('permit named', izins, named, rounds, nowMs)),
    ...(await measure(`permit found among ${UNITS}`, izins, unnamed, rounds, nowMs)),
  ];
  return {
    bench: `decide(), ${named.length.toLocaleString('en')} rows`,
    findings,
    notes: [`Median of ${rounds} snapshots, each decided upon by every caller for every method.`],
  };
}

async function measure(
  what: string,
  izins: ReadonlyMap<string, Izin>,
  requests: readonly PolicyRequest[],
  rounds: number,
  nowMs: number,
): Promise<Finding[]> {
  const first: number[] = [];
  const memo: number[] = [];
  // One more round, the first, only warms up.
  for (let round = 0; round <= rounds; round++) {
    const snapshot = await newSnapshot(izins);
    const firstUs = passUs(snapshot, requests, nowMs);
    const memoUs = median(Array.from({ length: MEMO_PASSES }, () => passUs(snapshot, requests, nowMs)));
    if (round === 0) continue;
    first.push(firstUs);
    memo.push(memoUs);
  }
  return [
    { what: `${what}, first time`, measured: median(first), unit: 'us', budget: { most: 10 } },
    { what: `${what}, memo`, measured: median(memo), unit: 'us', budget: { most: 0.5 } },
  ];
}
