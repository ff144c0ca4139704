import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { quickRandomBytes } from '#mesh/random.ts';

describe('quickRandomBytes', () => {
  it('never gives the same bytes twice, across refills of its pool', () => {
    const seen = new Set<string>();
    for (let count = 0; count < 2_000; count++) seen.add(quickRandomBytes(16).toString('hex'));
    assert.equal(seen.size, 2_000);
  });

  it('gives bytes that a later call does not change', () => {
    const bytes = quickRandomBytes(16);
    const copy = Buffer.from(bytes);
    for (let count = 0; count < 500; count++) quickRandomBytes(16);
    assert.deepEqual(bytes, copy);
  });
});
