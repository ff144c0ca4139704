import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { nextDigest } from '#mesh/policy-chain.ts';

const chain = (changes: readonly Uint8Array[]) =>
  changes.reduce<Buffer>((before, change) => nextDigest(before, change), Buffer.alloc(32)).toString('hex');
const changes = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 12 });

describe('the chain of policy changes', () => {
  it('is SHA-256 over the digest before and the bytes', () => {
    // sha256 of 32 zero bytes and "abc", by coreutils' sha256sum.
    const expected = '365aa7d8f7f9402c4b9434502b4cc89ddb09fe50d7cd95b493b834c62d5a5370';
    assert.equal(nextDigest(Buffer.alloc(32), Buffer.from('abc')).toString('hex'), expected);
  });

  it('tells every changed byte', () => {
    fc.assert(
      fc.property(changes, fc.nat(), fc.nat(), (list, which, where) => {
        const index = which % list.length;
        const changed = list.map((change) => Buffer.from(change));
        const target = changed[index] ?? Buffer.alloc(0);
        const offset = where % target.length;
        target.writeUInt8(target.readUInt8(offset) ^ 1, offset);
        assert.notEqual(chain(changed), chain(list));
      }),
    );
  });

  it('tells a change that is missing, added, or in another place', () => {
    fc.assert(
      fc.property(changes, fc.nat(), (list, which) => {
        const index = which % list.length;
        assert.notEqual(chain(list.toSpliced(index, 1)), chain(list));
        assert.notEqual(chain(list.toSpliced(index, 0, Buffer.from([1]))), chain(list));
        const moved = [...list.slice(index), ...list.slice(0, index)];
        if (moved.some((change, i) => !Buffer.from(change).equals(list[i] ?? Buffer.alloc(0)))) {
          assert.notEqual(chain(moved), chain(list));
        }
      }),
    );
  });
});
