import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { NO_BYTES } from '#binary-reader';
import { CarriedCall, CarryRequest } from '#gen/rangkiang/mesh/v1/trunk.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const call = fc
  .record({
    id: fc.nat(),
    method: fc.string({ unit: 'grapheme', maxLength: 60 }),
    body: bytes,
    grant: bytes,
    traceparent: fc.string({ maxLength: 60 }),
    timeoutMs: fc.nat(),
  })
  .map((each) => CarriedCall.fromPartial(each));
const calls = fc.array(call, { maxLength: 20 });

describe('BinaryReader', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(calls, (written) => {
        assert.deepEqual(
          CarryRequest.decode(CarryRequest.encode({ calls: written, cancelled: [] }).finish()).calls,
          written,
        );
      }),
    );
  });

  it('gives Buffers, whatever it was given', () => {
    fc.assert(
      fc.property(calls, (written) => {
        const message = new Uint8Array(CarryRequest.encode({ calls: written, cancelled: [] }).finish());
        const read = CarryRequest.decode(message).calls;
        assert(read.every(({ body, grant }) => Buffer.isBuffer(body) && Buffer.isBuffer(grant)));
        assert.deepEqual(read, written);
      }),
    );
  });

  it('copies no bytes, and makes nothing for bytes that are not there', () => {
    const message = CarriedCall.encode(CarriedCall.fromPartial({ body: Buffer.alloc(20, 7) })).finish();
    const { body, grant } = CarriedCall.decode(message);
    message.fill(9);
    assert.deepEqual(body, Buffer.alloc(20, 9));
    assert.equal(grant, NO_BYTES);
  });

  it('refuses bytes that end beyond the message', () => {
    const message = CarriedCall.encode(CarriedCall.fromPartial({ body: Buffer.alloc(20, 7) })).finish();
    assert.throws(() => CarriedCall.decode(message.subarray(0, message.length - 1)), /premature EOF/);
  });
});
