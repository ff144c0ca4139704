import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Random } from '../../../../cli/population/random.ts';

const seeds = fc.maxSafeInteger();

describe('Random', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    fc.assert(
      fc.property(seeds, seeds, (seed, other) => {
        const numbers = (of: number) =>
          Array.from(
            { length: 8 },
            (
              (random) => () =>
                random.next()
            )(new Random(of)),
          );
        assert.deepEqual(numbers(seed), numbers(seed));
        if (seed !== other) assert.notDeepEqual(numbers(seed), numbers(other));
      }),
    );
  });

  // Computed with a second implementation of splitmix32 and xoshiro128** in another language.
  it('is xoshiro128** seeded with splitmix32', () => {
    const random = new Random(2017);
    assert.deepEqual(
      [random.next(), random.next(), random.next()].map((number) => number * 2 ** 32),
      [4100983804, 2300948947, 923837884],
    );
  });

  it('stays inside the bounds and reaches both', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 5 }), (seed, least, width) => {
        const random = new Random(seed);
        const met = new Set(Array.from({ length: 400 }, () => random.between(least, least + width)));
        assert.deepEqual(
          [...met].toSorted((a, b) => a - b),
          Array.from({ length: width + 1 }, (_, i) => least + i),
        );
        for (let i = 0; i < 50; i += 1) {
          const number = random.around(least, least + width);
          assert.ok(number >= least && number <= least + width);
        }
      }),
    );
  });

  it('spreads evenly', () => {
    const random = new Random(7);
    const counts = new Uint32Array(20);
    for (let i = 0; i < 100_000; i += 1) {
      const at = Math.floor(random.next() * counts.length);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    // 5,000 expected; 350 is five standard deviations.
    for (const count of counts) assert.ok(Math.abs(count - 5_000) < 350, `${count}`);
  });

  it('refuses a seed that is no whole number', () => {
    assert.throws(() => new Random(0.5), RangeError);
    assert.throws(() => new Random(Number.NaN), RangeError);
  });
});
