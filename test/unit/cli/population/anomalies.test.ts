import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { assumed, forgotten, MISREGISTERED, misspelt, registered } from '../../../../cli/population/anomalies.ts';
import { AS_OF, civil, dayOf } from '../../../../cli/population/calendar.ts';
import { readData } from '../../../../cli/population/csv.ts';
import { Random } from '../../../../cli/population/random.ts';

const seeds = fc.maxSafeInteger();
const births = fc.integer({ min: dayOf(1928, 1, 1), max: AS_OF }).map(civil);
const words = readData('names.csv', ['names']).flatMap(({ names }) => names.split(';'));
const names = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }).map((list) => list.join(' '));

describe('anomalies', () => {
  it('registers about one in 200 wrongly, and always with a date that exists', () => {
    const random = new Random(3);
    let wrong = 0;
    for (let i = 0; i < 100_000; i += 1) {
      const truth = { birth: civil(random.between(dayOf(1928, 1, 1), AS_OF)), female: random.chance(0.5) };
      const written = registered(random, truth);
      if (written === truth) continue;
      wrong += 1;
      assert.notDeepEqual(written, truth);
      const { year, month, day } = written.birth;
      assert.deepEqual(civil(dayOf(year, month, day)), { year, month, day });
    }
    assert.ok(Math.abs(wrong / 100_000 - MISREGISTERED) < 0.001, `${wrong}`);
  });

  it('forgets day and month but never the year, and assumes a date in their place', () => {
    fc.assert(
      fc.property(seeds, births, (seed, birth) => {
        const known = forgotten(new Random(seed), birth);
        assert.equal(known.year, birth.year);
        assert.equal(known.day, 0);
        assert.ok(known.month === 0 || known.month === birth.month);
        assert.deepEqual(
          assumed(known),
          known.month === 0 ? { year: birth.year, month: 7, day: 1 } : { ...birth, day: 15 },
        );
        assert.deepEqual(assumed(birth), birth);
      }),
    );
  });

  it('spells a name otherwise, but still as a name', () => {
    fc.assert(
      fc.property(seeds, names, (seed, name) => {
        const other = misspelt(new Random(seed), name);
        assert.notEqual(other, name);
        assert.match(other, /^[A-Z]{2,}( [A-Z]+)*$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
