import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { dayAt, daysAfter, monthsAfter } from '../../../../../services/permit/domain/day.ts';

const noInvalid = { noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2099-01-01') };

describe('a day in Asia/Jakarta', () => {
  it('begins at 17:00 UTC of the day before', () => {
    assert.equal(dayAt(new Date('2026-06-30T16:59:59.999Z')), '2026-06-30');
    assert.equal(dayAt(new Date('2026-06-30T17:00:00Z')), '2026-07-01');
    const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Jakarta' });
    fc.assert(fc.property(fc.date(noInvalid), (moment) => assert.equal(dayAt(moment), clock.format(moment))));
  });

  it('is counted on across months and leap years', () => {
    assert.equal(daysAfter('2028-02-28', 1), '2028-02-29');
    assert.equal(daysAfter('2026-02-28', 1), '2026-03-01');
    assert.equal(daysAfter('2026-12-31', 30), '2027-01-30');
  });

  it('is moved on by months to the same day or the last of the month', () => {
    const cases: [string, number, string][] = [
      ['2026-01-31', 1, '2026-02-28'],
      ['2028-01-31', 1, '2028-02-29'],
      ['2028-02-29', 12, '2029-02-28'],
      ['2028-02-29', 48, '2032-02-29'],
      ['2026-06-31', 0, '2026-06-30'],
      ['2026-06-31', 6, '2026-12-31'],
      ['2026-11-15', 2, '2027-01-15'],
      ['2026-02-31', 0, '2026-02-28'],
    ];
    for (const [day, months, expected] of cases) assert.equal(monthsAfter(day, months), expected, `${day} + ${months}`);
    fc.assert(
      fc.property(fc.date(noInvalid), fc.nat(240), (moment, months) => {
        const [from, to] = [dayAt(moment), monthsAfter(dayAt(moment), months)];
        const number = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
        assert.equal(number(to) - number(from), months);
        // The same day, or the month ends before it.
        assert(to.slice(8) === from.slice(8) || (to.slice(8) < from.slice(8) && daysAfter(to, 1).endsWith('-01')));
      }),
    );
  });
});
