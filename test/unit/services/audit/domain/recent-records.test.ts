import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { RecentRecords } from '../../../../../services/audit/domain/recent-records.ts';

const CAPACITY = 8;
const row = (index: number) => ({
  index: BigInt(index),
  leaf: Buffer.from([index]),
  leafHash: Buffer.alloc(32, index),
});
const stretch = (from: number, below: number, limit = 256) => ({ from: BigInt(from), below: BigInt(below), limit });

describe('RecentRecords', () => {
  it('gives a stretch whole and true, or not at all', () => {
    const added = fc.array(fc.nat(30), { maxLength: 40 });
    fc.assert(
      fc.property(added, fc.nat(30), fc.nat(12), fc.integer({ min: 1, max: 12 }), (indexes, from, count, limit) => {
        const recent = new RecentRecords(CAPACITY);
        for (const index of indexes) recent.add(row(index));
        const rows = recent.oldest(stretch(from, from + count, limit));
        const wanted = Array.from({ length: Math.min(count, limit) }, (_, at) => row(from + at));
        if (rows) assert.deepEqual(rows, wanted);
        else assert(count > 0);
        // Of those that share a place, the newest is the one that is kept.
        const isKept = (index: number) =>
          indexes.includes(index) && !indexes.some((other) => other > index && (other - index) % CAPACITY === 0);
        assert.equal(
          rows !== undefined,
          wanted.every(({ index }) => isKept(Number(index))),
        );
      }),
    );
  });

  it('does not hold on to the message that a record came in', () => {
    const recent = new RecentRecords(CAPACITY);
    const message = Buffer.alloc(10_000, 7);
    recent.add({ index: 0n, leaf: message.subarray(0, 100), leafHash: message.subarray(100, 132) });
    message.fill(9);
    const [kept] = recent.oldest(stretch(0, 1)) ?? [];
    assert.deepEqual([kept?.leaf, kept?.leafHash], [Buffer.alloc(100, 7), Buffer.alloc(32, 7)]);
  });
});
