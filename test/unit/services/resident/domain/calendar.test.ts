import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  adultIfBornBy,
  dateOf,
  isRegisterDate,
  numberOf,
  todayInJakarta,
} from '../../../../../services/resident/domain/calendar.ts';

describe('resident: calendar', () => {
  it('changes the day at midnight in Jakarta, 17:00 UTC', () => {
    assert.equal(todayInJakarta(Date.UTC(2026, 1, 28, 16, 59, 59)), 20_260_228);
    assert.equal(todayInJakarta(Date.UTC(2026, 1, 28, 17)), 20_260_301);
    assert.equal(todayInJakarta(Date.UTC(2025, 11, 31, 17)), 20_260_101);
  });

  it('lets one come of age on the eighteenth birthday, and who was born on 29 February on 1 March', () => {
    assert.ok(20_080_301 <= adultIfBornBy(20_260_301));
    assert.ok(20_080_302 > adultIfBornBy(20_260_301));
    assert.ok(20_080_229 > adultIfBornBy(20_260_228));
    assert.ok(20_080_229 <= adultIfBornBy(20_260_301));
  });

  it('writes dates as numbers and back', () => {
    const date = fc.record({ year: fc.nat(9999), month: fc.nat(12), day: fc.nat(31) });
    fc.assert(fc.property(date, (value) => assert.deepEqual(dateOf(numberOf(value)), { ...value })));
  });

  it('knows the dates that exist', () => {
    const date = fc.record({
      year: fc.integer({ min: 1000, max: 9999 }),
      month: fc.integer({ min: 1, max: 13 }),
      day: fc.integer({ min: 1, max: 32 }),
    });
    fc.assert(
      fc.property(date, ({ year, month, day }) => {
        const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const parsed = new Date(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
        assert.equal(isRegisterDate({ year, month, day }), exists);
      }),
      { examples: [[{ year: 1900, month: 2, day: 29 }], [{ year: 2000, month: 2, day: 29 }]] },
    );
  });

  it('takes dates of which only the year, or year and month, is known', () => {
    for (const [year, month, day, fine] of [
      [1950, 0, 0, true],
      [1950, 7, 0, true],
      [0, 0, 0, true],
      [1950, 0, 7, false],
      [0, 7, 1, false],
      [0, 0, 1, false],
      [-1, 1, 1, false],
      [1950, -1, 1, false],
      [1950, 1, -1, false],
    ] as const) {
      assert.equal(isRegisterDate({ year, month, day }), fine, `${year}-${month}-${day}`);
    }
  });
});
