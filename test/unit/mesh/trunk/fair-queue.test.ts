import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { FairQueue } from '#mesh/trunk/fair-queue.ts';

describe('fair queue', () => {
  it('takes round robin over the owners', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item.slice(0, 1), item);
    const taken = Array.from({ length: 7 }, () => queue.take());
    assert.deepEqual(taken, ['a1', 'b1', 'c1', 'a2', 'c2', 'a3', undefined]);
  });

  it('loses and doubles nothing and keeps each owner in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean())), (steps) => {
        const queue = new FairQueue<[string, number]>();
        const taken: [string, number][] = [];
        let pushed = 0;
        for (const [owner, take] of steps) {
          queue.push(owner, [owner, pushed++]);
          const item = take ? queue.take() : undefined;
          if (item) taken.push(item);
        }
        assert.equal(queue.size, pushed - taken.length);
        taken.push(...queue.drain());
        assert.equal(queue.size, 0);
        assert.deepEqual(
          taken.map(([, n]) => n).sort((a, b) => a - b),
          [...Array(pushed).keys()],
        );
        for (const owner of 'abc') {
          const own = taken.filter(([name]) => name === owner).map(([, n]) => n);
          assert.deepEqual(
            own,
            [...own].sort((a, b) => a - b),
          );
        }
      }),
    );
  });
});
