import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AS_OF, ageOf, civil, dayOf, twoDigits } from '../../../../cli/population/calendar.ts';

const MS_PER_DAY = 86_400_000;

describe('calendar', () => {
  it('takes days apart and puts them together as the platform does', () => {
    fc.assert(
      fc.property(fc.integer({ min: dayOf(1850, 1, 1), max: dayOf(2100, 12, 31) }), (day) => {
        const { year, month, day: ofMonth } = civil(day);
        const platform = new Date(day * MS_PER_DAY);
        assert.deepEqual(
          [year, month, ofMonth],
          [platform.getUTCFullYear(), platform.getUTCMonth() + 1, platform.getUTCDate()],
        );
        assert.equal(dayOf(year, month, ofMonth), day);
      }),
    );
  });

  it('knows leap years', () => {
    assert.equal(dayOf(2000, 3, 1) - dayOf(2000, 2, 28), 2);
    assert.equal(dayOf(1900, 3, 1) - dayOf(1900, 2, 28), 1);
  });

  it('counts full years', () => {
    assert.equal(ageOf(AS_OF), 0);
    assert.equal(ageOf(dayOf(2007, 12, 30)), 18);
    assert.equal(ageOf(dayOf(2008, 1, 2)), 17);
  });

  it('writes two digits', () => {
    assert.deepEqual([twoDigits(7), twoDigits(10)], ['07', '10']);
  });
});
