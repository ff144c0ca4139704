import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AS_OF, dayOf, YEAR } from '../../../../cli/population/calendar.ts';
import { birthsOf, marriageable, weddingDay } from '../../../../cli/population/marriage.ts';
import { Random } from '../../../../cli/population/random.ts';

const couples = fc.record({
  seed: fc.maxSafeInteger(),
  wife: fc.integer({ min: dayOf(1930, 1, 1), max: dayOf(2006, 1, 1) }),
  husband: fc.integer({ min: dayOf(1930, 1, 1), max: dayOf(2005, 1, 1) }),
});

describe('marriage', () => {
  it('weds nobody under age, and nobody after the given day', () => {
    fc.assert(
      fc.property(couples, ({ seed, wife, husband }) => {
        const day = weddingDay(new Random(seed), husband, wife, AS_OF);
        assert.ok(day >= marriageable(husband, wife) && day <= AS_OF);
        assert.ok((day - wife) / YEAR >= 19 && (day - husband) / YEAR >= 20);
      }),
    );
  });

  it('bears children in order, after the wedding, and until the mother is 44', () => {
    fc.assert(
      fc.property(couples, ({ seed, wife, husband }) => {
        const random = new Random(seed);
        const wedding = weddingDay(random, husband, wife, AS_OF);
        const births = birthsOf(random, wedding, wife, AS_OF);
        for (const [i, birth] of births.entries()) {
          assert.ok(birth >= wedding + 270 && birth < AS_OF && (birth - wife) / YEAR <= 44.01);
          const gap = birth - (births[i - 1] ?? Number.NEGATIVE_INFINITY);
          assert.ok(gap === 0 || gap >= 500, 'brothers and sisters are twins or a pregnancy apart');
        }
      }),
    );
  });
});
