import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Random } from '../../../../cli/population/random.ts';
import { Weighted } from '../../../../cli/population/weighted.ts';

describe('Weighted', () => {
  it('picks values as often as they weigh, and never those that weigh nothing', () => {
    const random = new Random(1);
    const choice = new Weighted([
      ['none', 0],
      ['one', 1],
      ['three', 3],
      ['nothing', 0],
    ]);
    const counts = new Map<string, number>();
    for (let i = 0; i < 40_000; i += 1) {
      const value = choice.pick(random);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    assert.deepEqual([...counts.keys()].toSorted(), ['one', 'three']);
    assert.ok(Math.abs((counts.get('one') ?? 0) - 10_000) < 450);
  });

  it('picks each value that weighs something, whatever the weights', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }), (weights) => {
        const random = new Random(weights.length);
        const choice = new Weighted(weights.map((weight, index) => [index, weight]));
        const met = new Set(Array.from({ length: 2_000 }, () => choice.pick(random)));
        assert.equal(met.size, weights.length);
      }),
    );
  });

  it('refuses to choose among nothing', () => {
    assert.throws(() => new Weighted([]), RangeError);
    assert.throws(() => new Weighted([['never', 0]]), RangeError);
  });
});
