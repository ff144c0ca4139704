import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { KeyRing } from '../../../../../services/audit/domain/key-ring.ts';
import { MasterKeys } from '../../../../../services/audit/domain/master-keys.ts';

const owner = (n: number) => Buffer.alloc(16, n);

describe('KeyRing', () => {
  const masters = new MasterKeys([randomBytes(32)]);

  it('keeps one key for an owner, which the key store can open', () => {
    const ring = new KeyRing(masters, 0n);
    const key = ring.keyOf(owner(1));
    assert.equal(ring.keyOf(owner(1)), key);
    assert.notEqual(ring.keyOf(owner(2)).keyId, key.keyId);
    assert.ok(createSecretKey(masters.unwrap(key)).equals(key.key));
    assert.equal(key.stored, false);
  });

  it('makes another key once the first is destroyed, and keeps those of others', () => {
    const ring = new KeyRing(masters, 3n);
    const [first, other] = [ring.keyOf(owner(1)), ring.keyOf(owner(2))];
    ring.forget(new Set([first.keyId]), 4n);
    assert.equal(ring.destructions, 4n);
    assert.notEqual(ring.keyOf(owner(1)).keyId, first.keyId);
    assert.equal(ring.keyOf(owner(2)), other);
  });

  it('keeps what is in use, however many others come', () => {
    const ring = new KeyRing(masters, 0n, 4);
    const key = ring.keyOf(owner(0));
    for (let n = 1; n < 20; n++) {
      ring.keyOf(owner(n));
      assert.equal(ring.keyOf(owner(0)), key);
    }
    const again = ring.keyOf(owner(1));
    for (const n of [0, 1]) ring.forget(new Set([ring.keyOf(owner(n)).keyId]), 1n);
    assert.notEqual(ring.keyOf(owner(0)).keyId, key.keyId);
    assert.notEqual(ring.keyOf(owner(1)).keyId, again.keyId);
  });

  it('drops the oldest key when it is full', () => {
    const ring = new KeyRing(masters, 0n, 2);
    const keys = [1, 2, 3].map((n) => ring.keyOf(owner(n)));
    assert.equal(ring.keyOf(owner(3)), keys[2]);
    assert.notEqual(ring.keyOf(owner(1)), keys[0]);
  });
});
