import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hasOneReading } from '#mesh/one-reading.ts';

const plain = /^[a-z]+$/;
const reads = (text: string, name = plain) => hasOneReading(text, Buffer.from(text), name);

describe('a JSON text', () => {
  for (const text of ['{}', '{"a":1,"b":{"a":[{"a":2},{"a":3}]}}', '{"a":"\\":x\\\\\\"","b":"\\"b\\":1"}', '[1,"a"]']) {
    it(`has one reading: ${text}`, () => assert.equal(reads(text), true));
  }
  for (const [text, why] of [
    ['{"a":1,"a":1}', 'a name twice'],
    ['{"b":[{"a":1,"a":2}]}', 'a name twice inside'],
    ['{"a":1,"a" : 2}', 'a name twice with a blank'],
    ['{"a_b":1}', 'a name that is not plain'],
    ['{"\\u0061":1}', 'an escaped name'],
  ] as const) {
    it(`has more than one with ${why}`, () => assert.equal(reads(text), false));
  }
  it('has none when it is no UTF-8, or no JSON', () => {
    const bytes = Buffer.from([0x7b, 0x7d, 0xff]);
    assert.equal(hasOneReading(bytes.toString('utf8'), bytes, plain), false);
    assert.throws(() => reads('{'), SyntaxError);
  });
});
