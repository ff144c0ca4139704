import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { inOrder } from '../../../../../services/resident/domain/in-order.ts';

async function* sending<T>(...items: (T | Error)[]): AsyncGenerator<T> {
  for (const item of items) {
    if (item instanceof Error) throw item;
    yield item;
  }
}

/** Work that ends when it is told to. */
function manualWork() {
  const begun = new Map<number, PromiseWithResolvers<string>>();
  const work = (item: number) => {
    const result = Promise.withResolvers<string>();
    begun.set(item, result);
    return result.promise;
  };
  return { begun, work };
}

/** Lets everything happen that can happen by itself. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}

describe('resident: work in order', () => {
  it('starts several at a time and yields in the order of the items', async () => {
    const { begun, work } = manualWork();
    const results = Array.fromAsync(inOrder(sending(1, 2, 3, 4), 3, work));
    await settle();
    assert.deepEqual([...begun.keys()], [1, 2, 3]);
    begun.get(3)?.resolve('c');
    begun.get(2)?.resolve('b');
    await settle();
    assert.deepEqual([...begun.keys()], [1, 2, 3]);
    begun.get(1)?.resolve('a');
    await settle();
    begun.get(4)?.resolve('d');
    assert.deepEqual(await results, ['a', 'b', 'c', 'd']);
  });

  it('yields what was started before it tells that the items failed', async () => {
    const { begun, work } = manualWork();
    const yielded: string[] = [];
    const reading = (async () => {
      for await (const result of inOrder(sending(1, 2, new Error('torn')), 5, work)) yielded.push(result);
    })();
    await settle();
    begun.get(2)?.resolve('b');
    begun.get(1)?.resolve('a');
    await assert.rejects(reading, { message: 'torn' });
    assert.deepEqual(yielded, ['a', 'b']);
  });

  it('ends with the error of work at its turn, even while the items go on', async () => {
    const { begun, work } = manualWork();
    async function* endless() {
      yield* [1, 2, 3];
      await new Promise(() => {});
    }
    const yielded: string[] = [];
    const reading = (async () => {
      for await (const result of inOrder(endless(), 5, work)) yielded.push(result);
    })();
    await settle();
    begun.get(2)?.reject(new Error('broken'));
    begun.get(3)?.reject(new Error('broken too'));
    begun.get(1)?.resolve('a');
    await assert.rejects(reading, { message: 'broken' });
    assert.deepEqual(yielded, ['a']);
  });

  it('yields nothing for nothing', async () => {
    assert.deepEqual(await Array.fromAsync(inOrder(sending<number>(), 2, async (item) => item)), []);
  });
});
