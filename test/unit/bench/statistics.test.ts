import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Histogram, median } from '../../../bench/statistics.ts';

describe('median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([4, 1, 2, 100]), 3);
    assert.throws(() => median([]), RangeError);
  });
});

describe('Histogram', () => {
  it('answers quantiles within one step of 0.05 ms above the sorted values', () => {
    const durations = fc.array(fc.double({ min: 0, max: 4_999, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
        const histogram = new Histogram();
        for (const value of values) histogram.add(value);
        const exact = values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;
        const error = histogram.quantile(share) - exact;
        assert.ok(error >= -1e-6 && error <= 0.05 + 1e-6, `off by ${error}`);
      }),
    );
  });

  it('counts what is longer than it can hold as its longest', () => {
    const histogram = new Histogram();
    histogram.add(60_000);
    assert.equal(histogram.quantile(1), 5_000);
  });
});
