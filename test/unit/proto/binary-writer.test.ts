import assert from 'node:assert/strict';
import { BinaryWriter as LibraryWriter } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { BinaryWriter } from '#binary-writer';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { CarryRequest } from '#gen/rangkiang/mesh/v1/trunk.ts';

const call = fc.record({
  id: fc.nat(),
  method: fc.string({ unit: 'grapheme', maxLength: 200 }),
  body: fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
  grant: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  traceparent: fc.string({ maxLength: 60 }),
  timeoutMs: fc.nat(),
});
const message = fc.record({
  calls: fc.array(call, { maxLength: 30 }),
  cancelled: fc.array(fc.nat(), { maxLength: 300 }),
});

const byLibrary = (request: CarryRequest) =>
  Buffer.from(CarryRequest.encode(request, new LibraryWriter() as unknown as BinaryWriter).finish());
const large = (bytes: number) => CarryRequest.fromPartial({ calls: [{ body: Buffer.alloc(bytes, 5) }] });

describe('BinaryWriter', () => {
  it('writes what the writer of the library writes', () => {
    fc.assert(
      fc.property(message, (request) => {
        assert.deepEqual(CarryRequest.encode(request).finish(), byLibrary(request));
      }),
    );
  });

  it('keeps two messages apart that are written in turns', () => {
    fc.assert(
      fc.property(message, message, message, (first, second, third) => {
        const begun = CarryRequest.encode(first);
        const next = CarryRequest.encode(second);
        CarryRequest.encode(third, begun);
        const [one, two] = [begun.finish(), next.finish()];
        assert.deepEqual(one, Buffer.concat([byLibrary(first), byLibrary(third)]));
        assert.deepEqual(two, byLibrary(second));
      }),
    );
  });

  it('hands out bytes that later messages leave alone', () => {
    const first = CarryRequest.encode(large(100)).finish();
    const copy = Buffer.from(first);
    CarryRequest.encode(CarryRequest.fromPartial({ calls: [{ body: Buffer.alloc(100, 9) }] })).finish();
    assert.deepEqual(first, copy);
  });

  it('goes on after a message that could not be encoded', () => {
    const tooLarge = Leaf.fromPartial({ eventId: Buffer.alloc(16), timeUs: 1n << 70n });
    assert.throws(() => Leaf.encode(tooLarge).finish());
    assert.deepEqual(CarryRequest.encode(large(10)).finish(), byLibrary(large(10)));
  });

  it('writes messages larger than the memory that it keeps, again and again', () => {
    for (const bytes of [65_536, 200_000, 3_000_000, 70_000, 10]) {
      assert.deepEqual(CarryRequest.encode(large(bytes)).finish(), byLibrary(large(bytes)), String(bytes));
    }
  });

  it('begins anew after a message', () => {
    const writer = new BinaryWriter();
    const [one, two] = [writer.fixed64(7n).finish(), writer.string('x'.repeat(70_000)).fixed64(8n).finish()];
    const library = new LibraryWriter();
    assert.deepEqual(one, Buffer.from(library.fixed64(7n).finish()));
    assert.deepEqual(two, Buffer.from(library.string('x'.repeat(70_000)).fixed64(8n).finish()));
  });

  it('finds in the library what it relies on', () => {
    const inside = new LibraryWriter().string('abc') as unknown as Record<string, unknown>;
    assert(inside.buffer instanceof Uint8Array);
    assert(inside.viewCache instanceof DataView);
    assert.equal(inside.pos, 4);
    assert.deepEqual(inside.stackPos, []);
  });
});
