import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { type Izin, Weekday } from '#gen/rangkiang/permit/v1/izin.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { decide, type PolicyRequest, type PolicyTime } from '../../../../broker/policy/decide.ts';
import { parseAddress } from '../../../../broker/policy/networks.ts';
import {
  at,
  issued,
  issuedAlone,
  izinOf,
  noon,
  requestOf,
  residentMethods,
  revoked,
  snapshotOf,
  suspended,
  told,
  validFrom,
  validUntil,
} from '../../../support/policy.ts';

describe('decide', () => {
  it('allows what the permit grants, with its terms for the calling unit', async () => {
    const izin = izinOf({ children: true });
    const decision = decide(await snapshotOf(issued(izin)), requestOf({ unit: 'PKM-NANGGALO' }), at(noon));
    assert(decision.allowed);
    assert.deepEqual(
      Grant.decode(decision.grantBytes),
      Grant.fromPartial({
        permit: izin.permitId,
        policyVersion: 1n,
        opd: 'DKK',
        unit: 'PKM-NANGGALO',
        purpose: Purpose.PELAYANAN_PUBLIK,
        elements: [Element.NIK, Element.NAMA_LENGKAP],
        regions: ['13.71.10', '13.71.11'],
        rowCap: 10,
        minimumCell: 5,
        children: true,
      }),
    );
    assert.deepEqual(decision.quota, { perDay: 1_000, perMinute: 60 });
    assert.equal(Grant.decode(decision.terms).policyVersion, 0n);
  });

  it('answers the first failed check of its fixed order', async () => {
    // Each step mends what the step before was refused for.
    const steps: [string, Partial<PolicyRequest>, Partial<Izin>, Partial<PolicyTime>, Partial<Aktivasi>?][] = [
      ['POLICY_STALE', {}, {}, {}],
      ['METHOD_UNKNOWN', {}, {}, { live: true }],
      ['PURPOSE_MISSING', { method: residentMethods.get }, {}, {}],
      ['PURPOSE_UNKNOWN', { purpose: 'constructor' }, {}, {}],
      ['OPD_UNKNOWN', { purpose: 'PELAYANAN_PUBLIK' }, {}, {}],
      ['UNIT_NOT_GRANTED', { opd: 'DKK' }, {}, {}],
      ['PERMIT_NOT_YET_VALID', { unit: 'PKM-PAUH' }, {}, {}],
      ['PERMIT_EXPIRED', {}, {}, { earliestMs: noon, latestMs: validUntil }],
      ['METHOD_NOT_GRANTED', {}, {}, { latestMs: noon }],
      ['PURPOSE_NOT_GRANTED', {}, { methods: [residentMethods.get] }, {}],
      ['ELEMENT_NOT_GRANTED', {}, { purpose: Purpose.PELAYANAN_PUBLIK }, {}],
      ['REGION_NOT_GRANTED', {}, { elements: [Element.NIK] }, {}],
      ['SYSTEM_NOT_ACTIVATED', {}, { units: [{ unit: 'PKM-PAUH', regions: ['13.71'] }] }, {}],
      ['SYSTEM_NOT_ACTIVATED', {}, {}, {}, { systems: ['simpus2', 'SIMPUS', 'sim'] }],
      ['SYSTEM_NOT_ACTIVATED', { system: undefined as never }, {}, {}, { systems: ['simpus'] }],
      ['NETWORK_NOT_ALLOWED', { system: 'simpus' }, {}, {}],
      ['NETWORK_NOT_ALLOWED', {}, {}, {}, { networks: ['10.21.0.0/16', '::/0'] }],
      ['NETWORK_NOT_ALLOWED', { address: undefined }, {}, {}, { networks: ['0.0.0.0/0', '::/0'] }],
      ['OUTSIDE_HOURS', { address: parseAddress('10.20.0.7') }, {}, {}],
      ['OUTSIDE_HOURS', {}, { hours: [{ days: [Weekday.MONDAY], from: '12:01', until: '12:00' }] }, {}],
      ['OPERATOR_REQUIRED', {}, { hours: [{ days: [Weekday.MONDAY], from: '12:00', until: '12:01' }] }, {}],
      ['CASE_NUMBER_REQUIRED', { hasOperator: true }, {}, {}],
      ['permit', { hasCaseNumber: true }, {}, {}],
    ];
    let izin = izinOf({
      permitId: '0b0f4f5e-8a52-4c5e-9f2e-3f1f5e6d7c8b',
      units: [{ unit: 'PKM-PAUH', regions: [] }],
      purpose: Purpose.ALOKASI_ANGGARAN,
      methods: [residentMethods.family],
      elements: [],
      hours: [{ days: [], from: '07:30', until: '12:00' }],
      operatorRequired: true,
      caseNumberRequired: true,
    });
    let request = requestOf({ opd: 'NOBODY', unit: 'PKM-X', method: '/x.v1.X/Y', purpose: '' });
    let time: PolicyTime = { live: false, earliestMs: validFrom - 1, latestMs: validUntil };
    let aktivasi: Partial<Aktivasi> = { systems: [], networks: [] };
    for (const [expected, ask, grant, clock, activation] of steps) {
      request = { ...request, ...ask };
      izin = { ...izin, ...grant };
      time = { ...time, ...clock };
      aktivasi = { ...aktivasi, ...activation };
      const answer = told(decide(await snapshotOf(issued(izin, aktivasi)), request, time));
      assert.equal(answer, expected === 'permit' ? izin.permitId : expected);
      const revocation = await snapshotOf(issued(izin), revoked(izin.permitId));
      if (steps.findIndex(([reason]) => reason === expected) > 5) {
        assert.equal(told(decide(revocation, request, time)), 'PERMIT_REVOKED');
        const suspension = await snapshotOf(issued(izin), suspended(izin.permitId, crypto.randomUUID()));
        assert.equal(told(decide(suspension, request, time)), 'PERMIT_SUSPENDED');
        assert.equal(told(decide(await snapshotOf(issuedAlone(izin)), request, time)), 'NOT_ACTIVATED');
      }
    }
  });

  it('holds both ends of the time against the validity, which ends at midnight in Padang', async () => {
    const izin = izinOf();
    const snapshot = await snapshotOf(issued(izin));
    const midnight = Date.parse('2027-01-01T00:00:00+07:00');
    const cases: [number, number, string][] = [
      [validFrom - 1, validFrom, 'PERMIT_NOT_YET_VALID'],
      [validFrom, validFrom, izin.permitId],
      [midnight - 1, midnight - 1, izin.permitId],
      [midnight - 5, midnight, 'PERMIT_EXPIRED'],
      [midnight, midnight + 1, 'PERMIT_EXPIRED'],
      [Number.NaN, noon, 'PERMIT_NOT_YET_VALID'],
      [noon, Number.NaN, 'PERMIT_EXPIRED'],
    ];
    for (const [earliestMs, latestMs, expected] of cases) {
      assert.equal(told(decide(snapshot, requestOf(), { live: true, earliestMs, latestMs })), expected);
    }
  });

  it('holds both ends of the time against the hours in Padang, however warm the memo is', async () => {
    const izin = izinOf({ hours: [{ days: [], from: '07:30', until: '16:00' }] });
    const snapshot = await snapshotOf(issued(izin));
    const [opens, shuts] = [Date.parse('2026-06-01T07:30:00+07:00'), Date.parse('2026-06-01T16:00:00+07:00')];
    const cases: [number, number, string][] = [
      [opens, opens, izin.permitId],
      [opens - 1, opens - 1, 'OUTSIDE_HOURS'],
      [opens - 1, opens, 'OUTSIDE_HOURS'],
      [shuts - 1, shuts - 1, izin.permitId],
      [shuts - 1, shuts, 'OUTSIDE_HOURS'],
      [shuts, shuts, 'OUTSIDE_HOURS'],
      [opens + 86_400_000, opens + 86_400_000, izin.permitId],
    ];
    for (const [earliestMs, latestMs, expected] of cases) {
      assert.equal(told(decide(snapshot, requestOf(), { live: true, earliestMs, latestMs })), expected);
    }
  });

  it('uses another permit that fits where the hours of an older one are over', async () => {
    const office = izinOf({ hours: [{ days: [], from: '07:30', until: '16:00' }] });
    const night = izinOf({ hours: [{ days: [], from: '16:00', until: '07:30' }] });
    const snapshot = await snapshotOf(issued(office), issued(night));
    assert.equal(told(decide(snapshot, requestOf(), at(noon))), office.permitId);
    assert.equal(told(decide(snapshot, requestOf(), at(noon + 4 * 3_600_000))), night.permitId);
    const named = requestOf({ permit: office.permitId });
    assert.equal(told(decide(snapshot, named, at(noon + 4 * 3_600_000))), 'OUTSIDE_HOURS');
  });

  it('hands on the legal basis, for the record', async () => {
    const legalBasis = 'Perwali 12/2024 Pasal 3';
    const decision = decide(await snapshotOf(issued(izinOf({ legalBasis }))), requestOf(), at(noon));
    assert(decision.allowed);
    assert.equal(Grant.decode(decision.grantBytes).legalBasis, legalBasis);
  });

  it('uses the oldest permit that fits and never combines two', async () => {
    const narrow = izinOf({ elements: [Element.NIK] });
    const other = izinOf({ methods: [residentMethods.family] });
    const wide = izinOf({ elements: [Element.NIK, Element.AGAMA], quotaPerDay: 9 });
    const snapshot = await snapshotOf(issued(other), issued(narrow), issued(wide));
    const decision = decide(snapshot, requestOf(), at(noon));
    assert(decision.allowed && decision.permit === narrow.permitId);
    assert.deepEqual(Grant.decode(decision.terms).elements, [Element.NIK]);
    assert.equal(told(decide(snapshot, requestOf({ permit: wide.permitId }), at(noon))), wide.permitId);
    assert.equal(told(decide(snapshot, requestOf({ permit: other.permitId }), at(noon))), 'METHOD_NOT_GRANTED');
  });

  it('gives the reason of the permit that got furthest when none fits', async () => {
    const [elsewhere, expired, withoutCase] = [
      izinOf({ units: [{ unit: 'PUSAT', regions: ['13.71'] }] }),
      izinOf({ validUntil: new Date(noon) }),
      izinOf({ caseNumberRequired: true }),
    ];
    const snapshot = await snapshotOf(issued(elsewhere), issued(withoutCase), issued(expired));
    assert.deepEqual(decide(snapshot, requestOf(), at(noon)), {
      allowed: false,
      reason: 'CASE_NUMBER_REQUIRED',
      permit: withoutCase.permitId,
    });
  });

  it("knows another OPD's permit as little as one that does not exist", async () => {
    const izin = izinOf();
    const snapshot = await snapshotOf(issued(izin));
    const foreign = decide(snapshot, requestOf({ opd: 'DISDIK', permit: izin.permitId }), at(noon));
    const invented = decide(snapshot, requestOf({ opd: 'DISDIK', permit: crypto.randomUUID() }), at(noon));
    assert.deepEqual(foreign, invented);
    assert.equal(told(foreign), 'PERMIT_UNKNOWN');
    assert.equal(told(decide(snapshot, requestOf({ opd: 'DISDIK' }), at(noon))), 'NO_PERMIT');
  });

  it('takes every field as it is: no other case, no pattern, no prefix', async () => {
    const snapshot = await snapshotOf(issued(izinOf()));
    const twists = [
      (text: string) => text.toLowerCase(),
      (text: string) => `${text} `,
      (text: string) => `${text}\0`,
      (text: string) => text.slice(0, -1),
      (text: string) => `${text}$$`,
      () => '*',
      () => '__proto__',
    ];
    for (const part of ['opd', 'unit', 'method', 'purpose'] as const) {
      for (const twist of twists) {
        const changed = requestOf({ [part]: twist(requestOf()[part]) });
        if (changed[part] !== requestOf()[part]) assert.equal(decide(snapshot, changed, at(noon)).allowed, false);
      }
    }
  });

  it('answers from its memo what it answered first', async () => {
    const snapshot = await snapshotOf(issued(izinOf()));
    const first = decide(snapshot, requestOf(), at(noon));
    assert.equal(decide(snapshot, requestOf(), at(noon)), first);
    assert.equal(told(decide(snapshot, requestOf(), at(validUntil))), 'PERMIT_EXPIRED');
  });

  it('stays right for more units than its memo holds', async () => {
    const izin = izinOf();
    const snapshot = await snapshotOf(issued(izin));
    for (let n = 0; n < 1_500; n += 1) {
      assert.equal(told(decide(snapshot, requestOf({ unit: `PKM-${n}` }), at(noon))), 'UNIT_NOT_GRANTED');
    }
    assert.equal(told(decide(snapshot, requestOf(), at(noon))), izin.permitId);
    assert.equal(told(decide(snapshot, requestOf({ unit: 'PKM-3' }), at(noon))), 'UNIT_NOT_GRANTED');
  });
});
