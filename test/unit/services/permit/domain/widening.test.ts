import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Izin, Weekday } from '#gen/rangkiang/permit/v1/izin.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { methods } from '#mesh/contract.ts';
import { decide } from '../../../../../broker/policy/decide.ts';
import { widening } from '../../../../../services/permit/domain/widening.ts';
import { at, issued, izinOf, noon, requestOf, residentMethods, snapshotOf } from '../../../../support/policy.ts';

const permitId = crypto.randomUUID();
const owed = { kind: 'GOLONGAN_DARAH', firstDue: '2026-03-31', everyMonths: 6, graceDays: 14 };
const office = { days: [], from: '07:30', until: '16:00' };
const izin = izinOf({ permitId, dataBalikan: [owed], hours: [office], legalBasis: 'Perwali 12/2024 Pasal 3' });
const star = '/rangkiang.resident.v1.ResidentService/*';

/** Every field of the message, and for each a change that widens, by the name that `widening` gives it. */
const wider: readonly (readonly [string, Partial<Izin>])[] = [
  ['permit_id', { permitId: crypto.randomUUID() }],
  ['permit_id', { opd: 'DISDIK' }],
  ['purpose', { purpose: Purpose.PENEGAKAN_HUKUM }],
  ['sub_purpose', { subPurpose: 'pendaftaran pasien' }],
  ['legal_basis', { legalBasis: '' }],
  ['hours', { hours: [] }],
  ['hours', { hours: [{ ...office, until: '16:01' }] }],
  ['hours', { hours: [office, { days: [Weekday.SUNDAY], from: '23:59', until: '24:00' }] }],
  ['methods', { methods: [...izin.methods, residentMethods.family] }],
  ['methods', { methods: [star] }],
  ['elements', { elements: [...izin.elements, Element.AGAMA] }],
  ['units', { units: [...izin.units, { unit: 'PUSAT', regions: [] }] }],
  ['units', { units: [{ unit: 'PKM-PAUH', regions: ['13.71'] }] }],
  ['quota_per_day', { quotaPerDay: izin.quotaPerDay + 1 }],
  ['quota_per_minute', { quotaPerMinute: izin.quotaPerMinute + 1 }],
  ['row_cap', { rowCap: izin.rowCap + 1 }],
  ['minimum_cell', { minimumCell: izin.minimumCell - 1 }],
  ['valid_from', { validFrom: new Date(Number(izin.validFrom) - 1) }],
  ['valid_until', { validUntil: new Date(Number(izin.validUntil) + 1) }],
  ['children', { children: true }],
  ['disability', { disability: true }],
  ['data_balikan', { dataBalikan: [] }],
  ['data_balikan', { dataBalikan: [{ ...owed, kind: 'PEKERJAAN' }] }],
  ['data_balikan', { dataBalikan: [{ ...owed, firstDue: '2026-03-30' }] }],
  ['data_balikan', { dataBalikan: [{ ...owed, everyMonths: 4 }] }],
  ['data_balikan', { dataBalikan: [{ ...owed, graceDays: 15 }] }],
];

describe('a version of an Izin beside the one in force', () => {
  it('widens when it allows more in any field', () => {
    assert.equal(widening(izin, izin, methods), undefined);
    for (const [field, change] of wider) assert.equal(widening(izin, { ...izin, ...change }, methods), field);
    const strict = { ...izin, operatorRequired: true, caseNumberRequired: true };
    assert.equal(widening(strict, { ...strict, operatorRequired: false }, methods), 'operator_required');
    assert.equal(widening(strict, { ...strict, caseNumberRequired: false }, methods), 'case_number_required');
    assert.equal(widening(izin, strict, methods), undefined);
    const fewer = [{ ...office, days: [Weekday.MONDAY], until: '12:00' }];
    assert.equal(widening(izin, { ...izin, hours: fewer }, methods), undefined);
    assert.equal(widening({ ...izin, hours: [] }, izin, methods), undefined);
    const twoHalves = [
      { ...office, until: '12:00' },
      { ...office, from: '12:00' },
    ];
    assert.equal(widening(izin, { ...izin, hours: twoHalves }, methods), undefined);
    const owesMore = [
      { ...owed, everyMonths: 3, graceDays: 0 },
      { ...owed, kind: 'PEKERJAAN' },
    ];
    assert.equal(widening(izin, { ...izin, dataBalikan: owesMore }, methods), undefined);
    const person = (name: string) => ({ name, certificate: Buffer.from(name) });
    const emergency = { persons: [person('Satu'), person('Dua')], hours: 6 };
    const prepared = { ...izin, emergency };
    assert.equal(widening(izin, prepared, methods), undefined);
    assert.equal(widening(prepared, prepared, methods), undefined);
    for (const other of [undefined, { ...emergency, hours: 7 }, { ...emergency, persons: [person('Satu')] }]) {
      assert.equal(widening(prepared, { ...prepared, emergency: other }, methods), 'emergency');
    }
  });

  it('narrows when a "*" is spelt out, and not the other way round', () => {
    const every = Object.values(residentMethods);
    assert.equal(widening({ ...izin, methods: [star] }, { ...izin, methods: every }, methods), undefined);
    assert.equal(widening({ ...izin, methods: every }, { ...izin, methods: [star] }, methods), 'methods');
  });

  it('is looked at in every field: a new one must be put into the list here and there', () => {
    const looked = new Set([...wider.flatMap(([, change]) => Object.keys(change))]);
    // Number, version and the Dirjen's letter name the document and limit no call.
    const others = ['number', 'version', 'dirjenLetter', 'operatorRequired', 'caseNumberRequired', 'emergency'];
    assert.deepEqual([...looked, ...others].sort(), Object.keys(Izin.create()).sort());
  });

  it('allows no call and no term that the one in force did not, whenever it widens nothing', async () => {
    const some: fc.Arbitrary<Izin> = fc
      .record({
        units: fc.uniqueArray(
          fc.record({
            unit: fc.constantFrom('PKM-PAUH', 'PUSAT'),
            regions: fc.subarray(['13.71', '13.71.08', '13.71.08.1001']),
          }),
          { selector: ({ unit }) => unit, minLength: 1 },
        ),
        methods: fc.subarray([...Object.values(residentMethods), star], { minLength: 1 }),
        elements: fc.subarray([Element.NIK, Element.NAMA_LENGKAP]),
        rowCap: fc.constantFrom(5, 10),
        children: fc.boolean(),
        caseNumberRequired: fc.boolean(),
      })
      .map((changes) => izinOf({ ...changes, permitId }));
    let narrowed = 0;
    await fc.assert(
      fc.asyncProperty(some, some, async (inForce, next) => {
        if (widening(inForce, next, methods) !== undefined) return;
        narrowed += 1;
        const [before, after] = [await snapshotOf(issued(inForce)), await snapshotOf(issued(next))];
        for (const unit of ['PKM-PAUH', 'PUSAT']) {
          for (const method of Object.values(residentMethods)) {
            for (const hasCaseNumber of [true, false]) {
              const request = requestOf({ unit, method, hasCaseNumber });
              const [old, now] = [decide(before, request, at(noon)), decide(after, request, at(noon))];
              if (!now.allowed) continue;
              assert(old.allowed);
              const [wide, narrow] = [Grant.decode(old.terms), Grant.decode(now.terms)];
              assert(narrow.elements.every((element) => wide.elements.includes(element)));
              assert(
                narrow.regions.every((code) => wide.regions.some((region) => `${code}.`.startsWith(`${region}.`))),
              );
              assert(narrow.rowCap <= wide.rowCap && Number(narrow.children) <= Number(wide.children));
            }
          }
        }
      }),
      { numRuns: 1_000 },
    );
    assert(narrowed > 20, `only ${narrowed} pairs narrowed`);
  });
});
