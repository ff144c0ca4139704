import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { Chunk, type Reserved } from '../../../../broker/quota/chunk.ts';

describe('Chunk', () => {
  let nowMs: number;
  let asked: number[];
  beforeEach(() => {
    nowMs = 0;
    asked = [];
  });
  const chunkOf = (answer: (needed: number) => Reserved) =>
    new Chunk(
      async (needed) => {
        asked.push(needed);
        return answer(needed);
      },
      () => nowMs,
    );

  it('asks for what is missing and no more', async () => {
    const chunk = chunkOf((needed) => ({ amount: needed, left: 100 }));
    await chunk.take(5);
    chunk.refund(2);
    await chunk.take(6);
    assert.deepEqual(asked, [5, 4]);
  });

  it('lets nobody pass a caller that waits', async () => {
    const chunk = chunkOf((needed) => ({ amount: needed, left: 0 }));
    chunk.refund(3);
    const large = chunk.take(5);
    const small = chunk.take(2);
    assert(small instanceof Promise);
    assert.deepEqual(await Promise.all([large, small]), [true, true]);
    assert.deepEqual(asked, [2, 2]);
  });

  it('believes for a second that too few are left, and still grants what is at hand', async () => {
    const chunk = chunkOf((needed) => (needed > 3 ? { amount: 0, left: 3 } : { amount: 3, left: 0 }));
    assert.equal(await chunk.take(9), false);
    assert.equal(chunk.take(4), false);
    assert.equal(await chunk.take(2), true);
    assert.equal(chunk.take(1), true);
    nowMs = 1_000;
    assert.equal(await chunk.take(9), false);
    assert.deepEqual(asked, [9, 2, 9]);
  });

  it('does not ask for ever when it is told that enough are left and gets none', async () => {
    const chunk = chunkOf(() => ({ amount: 0, left: 1_000 }));
    assert.equal(await chunk.take(5), false);
    assert.deepEqual(asked, [5]);
  });

  it('rejects all that wait when reserving fails, and asks again for the next', async () => {
    let away = true;
    const chunk = chunkOf((needed) => {
      if (away) throw new Error('away');
      return { amount: needed, left: 0 };
    });
    const outcomes = await Promise.allSettled([chunk.take(1), chunk.take(1)]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    away = false;
    assert.equal(await chunk.take(1), true);
  });

  it('is emptied after those that wait were served', async () => {
    const chunk = chunkOf(() => ({ amount: 10, left: 0 }));
    const taken = chunk.take(4);
    assert.equal(await chunk.empty(), 6);
    assert.equal(await taken, true);
    assert.equal(await chunk.empty(), 0);
  });
});
