import assert from 'node:assert/strict';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, it } from 'mocha';
import { UnderWay } from '../../../mesh/under-way.ts';

const LIVE = 64;
const ENTRIES = 2_000;
const NUMBERS = 1_000; // 8 KB
const MIB = 1 << 20;

setFlagsFromString('--expose-gc');
const collect: (options?: { type: 'minor' }) => void = runInNewContext('gc');

const oldSpaceBytes = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;

/** By how much the old generation grew while 16 MB went through a map that never held more than half a megabyte. */
function growth(map: { set(key: number, value: number[]): unknown }, remove: (key: number) => unknown): number {
  for (let key = 0; key < LIVE; key++) map.set(key, [key]);
  // Moves the table to the old generation, from where it holds its successors.
  collect();
  const before = oldSpaceBytes();
  // Whatever is alive at one scavenge is gone before the next, and so has no reason to grow old.
  for (let key = LIVE; key < ENTRIES; key++) {
    map.set(key, new Array(NUMBERS).fill(key));
    remove(key - LIVE);
    if (key % (3 * LIVE) === 0) collect({ type: 'minor' });
  }
  return oldSpaceBytes() - before;
}

describe('UnderWay', () => {
  it('gives each value once', () => {
    const calls = new UnderWay<number, string>();
    calls.set(1, 'one');
    calls.set(2, 'two');
    calls.set(3, 'three');
    assert.equal(calls.get(2), 'two');
    assert.equal(calls.take(2), 'two');
    assert.equal(calls.take(2), undefined);
    assert.equal(calls.get(2), undefined);
    assert.equal(calls.size, 2);
    assert.deepEqual([...calls.keys()], [1, 3]);
    assert.deepEqual([...calls.values()], ['one', 'three']);
  });

  it('lets all be taken out while it is gone through', () => {
    const calls = new UnderWay<number, string>();
    for (let key = 0; key < 10; key++) calls.set(key, String(key));
    const taken = [];
    for (const key of calls.keys()) taken.push(calls.take(key));
    assert.equal(taken.length, 10);
    assert.equal(calls.size, 0);
  });

  it('holds nothing of what was taken out', () => {
    const calls = new UnderWay<number, number[]>();
    assert.ok(growth(calls, (key) => calls.take(key)) < 2 * MIB);
  });

  // When this fails, V8 has mended it: then a Map will do, and this class can go.
  it('is needed: a Map holds what was deleted until the next full collection', () => {
    const calls = new Map<number, number[]>();
    assert.ok(growth(calls, (key) => calls.delete(key)) > 8 * MIB);
  });
});
