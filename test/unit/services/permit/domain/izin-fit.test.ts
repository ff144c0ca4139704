import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Application } from '#gen/rangkiang/permit/v1/permit.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { methods } from '#mesh/contract.ts';
import { misfit } from '../../../../../services/permit/domain/izin-fit.ts';
import { healthContent, izinFor } from '../../../../support/permit-service.ts';

const RESIDENTS = '/rangkiang.resident.v1.ResidentService';
const application: Application = {
  ...Application.create({ applicationId: '5f0d5f3a-2c1b-4b0e-9a55-0d6f5f7f0b01', opd: 'DKK' }),
  content: healthContent,
};
const misfitOf = (changes: Partial<Izin>, applied: Application = application) =>
  misfit(izinFor(application, { ...year, ...changes }), applied, methods);
const stating = {
  ...healthContent,
  hours: [{ days: [], from: '07:30', until: '16:00' }],
  legalBasis: 'UU 17/2032',
  subPurpose: 'pendaftaran pasien',
};
const year = { validFrom: new Date('2026-01-01T00:00:00Z'), validUntil: new Date('2027-01-01T00:00:00Z') };

describe('an Izin beside the application that it answers', () => {
  it('fits when it grants all of it, or less', () => {
    assert.equal(misfitOf({}), undefined);
    assert.equal(misfitOf({ units: [{ unit: 'PKM-PAUH', regions: ['13.71.09'] }] }), undefined);
    assert.equal(misfitOf({ units: [{ unit: 'PKM-PAUH', regions: [] }] }), undefined);
    assert.equal(misfitOf({ elements: [] }), undefined);
    assert.equal(misfitOf({ quotaPerDay: 1 }), undefined);
    assert.equal(misfitOf({ hours: [{ days: [], from: '07:30', until: '16:00' }] }), undefined);
    assert.equal(misfitOf({ subPurpose: 'pendaftaran pasien' }), undefined);
    // The office puts right what the OPD cited.
    assert.equal(misfitOf({ legalBasis: 'UU 17/2023' }, { ...application, content: stating }), 'sub_purpose');
    const { hours, subPurpose } = stating;
    const answering = { legalBasis: 'UU 17/2023', hours, subPurpose };
    assert.equal(misfitOf(answering, { ...application, content: stating }), undefined);
    for (const [field, change] of [
      ['sub_purpose', { subPurpose: 'penelitian' }],
      ['hours', { hours: [] }],
      ['hours', { hours: [{ days: [], from: '07:00', until: '16:00' }] }],
    ] as const) {
      assert.equal(
        misfitOf({ ...answering, ...(change as Partial<Izin>) }, { ...application, content: stating }),
        field,
      );
    }
    assert.equal(misfitOf({ validUntil: new Date('2026-02-01T00:00:00Z') }), undefined);
  });

  it('is another document when it names another permit, OPD or purpose', () => {
    assert.equal(misfitOf({ permitId: application.applicationId.toUpperCase() }), 'permit_id');
    assert.equal(misfitOf({ opd: 'DISDIK' }), 'opd');
    assert.equal(misfitOf({ purpose: Purpose.PENEGAKAN_HUKUM }), 'purpose');
    assert.equal(misfitOf({}, { ...application, content: undefined }), 'content');
  });

  it('grants no other method; "*" only where "*" was applied for', () => {
    const star = `${RESIDENTS}/*`;
    assert.equal(misfitOf({ methods: [`${RESIDENTS}/GetFamily`] }), 'methods');
    assert.equal(misfitOf({ methods: [star] }), 'methods');
    const wide = { ...application, content: { ...healthContent, methods: [star] } };
    assert.equal(misfitOf({ methods: [star] }, wide), undefined);
    assert.equal(misfitOf({ methods: [`${RESIDENTS}/GetFamily`] }, wide), undefined);
    // What only statute grants is not for a permit, even where an application asks for it.
    const submit = '/rangkiang.permit.v1.PermitService/SubmitApplication';
    const odd = { ...application, content: { ...healthContent, methods: [submit] } };
    assert.equal(misfitOf({ methods: [submit] }, odd), 'methods');
  });

  it('grants no other element and no larger quota', () => {
    assert.equal(misfitOf({ elements: [Element.NIK, Element.AGAMA] }), 'elements');
    assert.equal(misfitOf({ quotaPerDay: healthContent.quotaPerDay + 1 }), 'quota_per_day');
  });

  it('lasts no longer than was applied for, by the calendar', () => {
    const term = (termMonths: number) => ({ ...application, content: { ...healthContent, termMonths } });
    const lasts = (from: string, until: string) => ({ validFrom: new Date(from), validUntil: new Date(until) });
    assert.equal(misfitOf(lasts('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'), term(12)), undefined);
    assert.equal(misfitOf(lasts('2026-01-01T00:00:00Z', '2027-01-01T00:00:00.001Z'), term(12)), 'valid_until');
    assert.equal(misfitOf(lasts('2026-01-31T00:00:00Z', '2026-02-28T00:00:00Z'), term(1)), undefined);
    assert.equal(misfitOf(lasts('2026-01-31T00:00:00Z', '2026-03-01T00:00:00Z'), term(1)), 'valid_until');
    assert.equal(misfitOf(lasts('2026-11-15T00:00:00Z', '2027-02-15T00:00:00Z'), term(3)), undefined);
    assert.equal(misfitOf({ validUntil: undefined }), 'valid_until');
  });

  it('names only units that were applied for, each once, each within its own regions', () => {
    const [first, second] = healthContent.units;
    assert.ok(first && second);
    assert.equal(misfitOf({ units: [first, { unit: 'PUSAT', regions: [] }] }), 'units[1].unit');
    assert.equal(misfitOf({ units: [first, first] }), 'units[1].unit');
    assert.equal(misfitOf({ units: [{ ...first, regions: second.regions }] }), 'units[0].regions');
    assert.equal(misfitOf({ units: [second, { ...first, regions: ['13.71'] }] }), 'units[1].regions');
  });

  it('takes a region as part of another by whole parts of its code only', () => {
    const cut = { ...application, content: { ...healthContent, units: [{ unit: 'PUSAT', regions: ['13.71.1'] }] } };
    assert.equal(misfitOf({ units: [{ unit: 'PUSAT', regions: ['13.71.11'] }] }, cut), 'units[0].regions');
    const region = fc
      .tuple(fc.integer({ min: 1, max: 11 }), fc.option(fc.integer({ min: 1001, max: 1020 })))
      .map(([kecamatan, kelurahan]) => ['13.71', String(kecamatan).padStart(2, '0'), ...(kelurahan ? [kelurahan] : [])])
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(region, region, (applied, granted) => {
        const units = (code: string) => [{ unit: 'PUSAT', regions: [code] }];
        const wide = { ...application, content: { ...healthContent, units: units(applied) } };
        const parts = applied.split('.');
        const within = granted.split('.').slice(0, parts.length).join('.') === applied;
        assert.equal(misfitOf({ units: units(granted) }, wide), within ? undefined : 'units[0].regions');
      }),
    );
  });
});
