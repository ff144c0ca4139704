import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Kind, type Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Pruning } from '../../../../cli/audit/pruning.ts';
import { someEntry } from '../../../support/audit-entries.ts';

type Range = readonly [first: number, below: number];
const rangeOf = ([first, below]: Range) => ({ firstIndex: BigInt(first), belowIndex: BigInt(below) });
const recordOf = (ranges: readonly Range[], changes: Partial<Leaf> = {}) =>
  someEntry({ kind: Kind.PRUNED, pruned: ranges.map(rangeOf), ...changes }).leaf;

/** The first unexplained entry, where these are missing and these records stand at 1000 and behind. */
function unexplained(missing: readonly Range[], records: readonly Buffer[], firstIndex = 1000n): bigint | undefined {
  const pruning = new Pruning();
  for (const each of missing) pruning.miss(...(Object.values(rangeOf(each)) as [bigint, bigint]));
  pruning.read(records, firstIndex);
  return pruning.firstUnexplained();
}

describe('entries that are missing', () => {
  it('are explained by what a record before the end of the log names, and by nothing else', () => {
    assert.equal(unexplained([], []), undefined);
    assert.equal(unexplained([[0, 256]], []), 0n);
    assert.equal(unexplained([[0, 256]], [recordOf([[0, 256]])]), undefined);
    assert.equal(unexplained([[0, 512]], [recordOf([[0, 256]])]), 256n);
    assert.equal(unexplained([[0, 256]], [recordOf([[0, 256]], { kind: Kind.ERASURE })]), 0n, 'of another kind');
    assert.equal(unexplained([[0, 256]], [Buffer.from([3 << 3, Kind.PRUNED, 0xff])]), 0n, 'no leaf');
  });

  it('are not explained by a record that stands before them', () => {
    assert.equal(unexplained([[512, 768]], [recordOf([[512, 768]])], 600n), 512n);
  });

  it('are counted', () => {
    const pruning = new Pruning();
    pruning.miss(0n, 256n);
    pruning.miss(256n, 512n);
    pruning.miss(768n, 1024n);
    assert.equal(pruning.missing, 768n);
  });

  it('are found by any records as one by one', () => {
    const range = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 12 })).map(([at, count]): Range => [at, at + count]);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(40)),
        fc.array(fc.array(range, { maxLength: 4 }), { maxLength: 4 }),
        (at, named) => {
          const missing = at.toSorted((a, b) => a - b);
          const expected = missing.find((one) => !named.flat().some(([first, below]) => first <= one && one < below));
          const found = unexplained(
            missing.map((one): Range => [one, one + 1]),
            named.map((ranges) => recordOf(ranges)),
          );
          assert.equal(found, expected === undefined ? undefined : BigInt(expected));
        },
      ),
    );
  });
});
