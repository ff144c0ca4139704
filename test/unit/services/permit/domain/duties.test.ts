import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { methods } from '#mesh/contract.ts';
import { dayAt, daysAfter } from '../../../../../services/permit/domain/day.ts';
import {
  dutiesOf,
  type HandedIn,
  type Owing,
  owesAnything,
  type StandingDuty,
} from '../../../../../services/permit/domain/duties.ts';
import { widening } from '../../../../../services/permit/domain/widening.ts';
import { izinOf } from '../../../../support/policy.ts';

const GRACE = 30;

function owing(changes: Parameters<typeof izinOf>[0] = {}, since = '2026-02-10T03:00:00Z'): Owing {
  const izin = izinOf({
    validFrom: new Date(since),
    validUntil: new Date('2028-02-10T03:00:00Z'),
    dirjenLetter: '470/1/Dukcapil',
    ...changes,
  });
  return { izin, since: new Date(since), reportGraceDays: GRACE };
}

const handIn = (period: string, on: string, review?: HandedIn['review']): HandedIn => ({
  kind: 'LAPORAN_SEMESTER',
  period,
  on,
  review,
});
const words = (duties: readonly StandingDuty[]) =>
  duties.map(({ kind, period, due, standing, missed }) =>
    [kind, period, due, standing, ...(missed ? ['missed'] : [])].join(' '),
  );

/** One row: what was handed in for 2026-S1, the day, and how that duty then stands. */
const rows: readonly (readonly [what: string, HandedIn[], today: string, standing: string])[] = [
  ['nothing, on the last day', [], '2026-06-30', 'DUE'],
  ['nothing, the day after', [], '2026-07-01', 'LATE'],
  ['nothing, on the last day of grace', [], '2026-07-30', 'LATE'],
  ['nothing, the day after it', [], '2026-07-31', 'OVERDUE missed'],
  ['in time', [handIn('2026-S1', '2026-06-30')], '2026-09-01', 'HANDED_IN'],
  ['in the grace', [handIn('2026-S1', '2026-07-30')], '2027-09-01', 'HANDED_IN'],
  ['after the grace', [handIn('2026-S1', '2026-07-31')], '2026-07-31', 'HANDED_IN missed'],
  ['another period', [handIn('2026-S2', '2026-06-30')], '2026-07-31', 'OVERDUE missed'],
  [
    'confirmed, however late',
    [handIn('2026-S1', '2027-06-30', { confirmed: true, on: '2027-07-01' })],
    '2027-07-01',
    'CONFIRMED',
  ],
  [
    'sent back before it is due',
    [handIn('2026-S1', '2026-05-01', { confirmed: false, on: '2026-05-02' })],
    '2026-06-30',
    'DUE',
  ],
  [
    'sent back after the grace, which begins again',
    [handIn('2026-S1', '2026-07-30', { confirmed: false, on: '2026-08-10' })],
    '2026-09-09',
    'LATE',
  ],
  [
    'sent back, and that grace is over',
    [handIn('2026-S1', '2026-07-30', { confirmed: false, on: '2026-08-10' })],
    '2026-09-10',
    'OVERDUE missed',
  ],
  [
    'sent back when it was too late already: no new grace',
    [handIn('2026-S1', '2026-07-31', { confirmed: false, on: '2026-08-10' })],
    '2026-08-11',
    'OVERDUE missed',
  ],
  [
    'sent back, and handed in again in the new grace',
    [handIn('2026-S1', '2026-07-30', { confirmed: false, on: '2026-08-10' }), handIn('2026-S1', '2026-09-09')],
    '2027-01-01',
    'HANDED_IN',
  ],
];

describe('the duties of a permit', () => {
  for (const [what, handedIn, today, expected] of rows) {
    it(`stand at ${expected} for ${what}`, () => {
      const [first] = words(dutiesOf(owing(), handedIn, today));
      assert.equal(first, `LAPORAN_SEMESTER 2026-S1 2026-06-30 ${expected}`);
    });
  }

  it('are a report every semester, to the end of June and of December, while the permit is valid', () => {
    assert.deepEqual(words(dutiesOf(owing(), [], '2029-01-01')), [
      'LAPORAN_SEMESTER 2026-S1 2026-06-30 OVERDUE missed',
      'LAPORAN_SEMESTER 2026-S2 2026-12-31 OVERDUE missed',
      'LAPORAN_SEMESTER 2027-S1 2027-06-30 OVERDUE missed',
      'LAPORAN_SEMESTER 2027-S2 2027-12-31 OVERDUE missed',
    ]);
    // Valid from the evening of 30 June in UTC, which is 1 July in Padang.
    const [first] = dutiesOf(owing({}, '2026-06-30T17:00:00Z'), [], '2026-07-01');
    assert.equal(first?.period, '2026-S2');
  });

  it('are the data balikan of the Izin, on the days that it says, and the next one of each kind', () => {
    const dataBalikan = [
      { kind: 'GOLONGAN_DARAH', firstDue: '2027-11-30', everyMonths: 1, graceDays: 0 },
      { kind: 'PEKERJAAN', firstDue: '2025-12-31', everyMonths: 1, graceDays: 7 },
    ];
    assert.deepEqual(words(dutiesOf(owing({ dataBalikan, dirjenLetter: '' }), [], '2026-04-01')), [
      'GOLONGAN_DARAH 2027-11-30 2027-11-30 DUE',
      // Nothing is owed for the time before the permit.
      'PEKERJAAN 2026-02-28 2026-02-28 OVERDUE missed',
      'PEKERJAAN 2026-03-31 2026-03-31 LATE',
      'PEKERJAAN 2026-04-30 2026-04-30 DUE',
    ]);
    const [graceless] = dutiesOf(owing({ dataBalikan, dirjenLetter: '' }), [], '2027-12-01');
    assert.equal(graceless?.standing, 'OVERDUE');
  });

  it('are none without a letter of the Dirjen and without data balikan', () => {
    const none = owing({ dirjenLetter: '' });
    assert.equal(owesAnything(none.izin), false);
    assert.deepEqual(dutiesOf(none, [], '2027-01-01'), []);
    assert(owesAnything(owing().izin));
  });

  const days = fc
    .date({ noInvalidDate: true, min: new Date('2026-01-01'), max: new Date('2031-01-01') })
    .map((moment) => dayAt(moment));
  const rhythm = fc.record({
    kind: fc.constantFrom('GOLONGAN_DARAH', 'PEKERJAAN'),
    firstDue: fc.oneof(days, fc.constantFrom('2026-01-31', '2027-02-31', '2028-02-29')),
    everyMonths: fc.integer({ min: 1, max: 60 }),
    graceDays: fc.nat(60),
  });
  const oneOfEach = fc.uniqueArray(rhythm, { selector: ({ kind }) => kind });

  it('only ever get worse with the days while nothing is handed in, and are warned of before they suspend', () => {
    const order = ['DUE', 'LATE', 'OVERDUE'];
    fc.assert(
      fc.property(oneOfEach, fc.boolean(), days, (dataBalikan, hasReports, today) => {
        const given = owing({ dataBalikan, dirjenLetter: hasReports ? '470/1/Dukcapil' : '' });
        const now = dutiesOf(given, [], today);
        const tomorrow = dutiesOf(given, [], daysAfter(today, 1));
        for (const duty of now) {
          const next = tomorrow.find(({ kind, period }) => kind === duty.kind && period === duty.period);
          assert(next);
          const step = order.indexOf(next.standing) - order.indexOf(duty.standing);
          assert(step === 0 || step === 1 || (step === 2 && duty.graceDays === 0));
          assert.equal(duty.missed, duty.standing === 'OVERDUE');
          assert.equal(duty.standing === 'DUE', today <= duty.due);
        }
        assert.equal(new Set(now.map(({ kind, period }) => `${kind} ${period}`)).size, now.length);
      }),
      { numRuns: 500 },
    );
  });

  it('are all still there, no later, when a new version widens nothing', () => {
    let narrowed = 0;
    fc.assert(
      fc.property(oneOfEach, oneOfEach, days, fc.constantFrom(1, 2, 3), (before, other, today, divisor) => {
        const after = before.map((each) => ({ ...each, everyMonths: Math.ceil(each.everyMonths / divisor) }));
        for (const dataBalikan of [after, other]) {
          const [inForce, next] = [owing({ dataBalikan: before }), owing({ dataBalikan })];
          const izin = { ...next.izin, permitId: inForce.izin.permitId };
          if (widening(inForce.izin, izin, methods) !== undefined) continue;
          narrowed += 1;
          const then = dutiesOf({ ...next, izin }, [], today);
          for (const { kind, period, due, graceEnd } of dutiesOf(inForce, [], today)) {
            if (due > today) continue;
            const same = then.find((duty) => duty.kind === kind && duty.period === period);
            assert(same && same.due === due && same.graceEnd <= graceEnd);
          }
        }
      }),
      { numRuns: 500 },
    );
    assert(narrowed > 50, `only ${narrowed} narrowed`);
  });
});
