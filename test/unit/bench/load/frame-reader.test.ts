import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { FrameReader } from '../../../../bench/load/frame-reader.ts';
import { frame } from '../../../../bench/load/frames.ts';

const byte = fc.nat(255);
const stream = fc.nat(2 ** 31 - 1);
const frames = fc.array(fc.tuple(byte, byte, stream, fc.uint8Array({ maxLength: 300 })), { maxLength: 20 });

describe('FrameReader', () => {
  it('finds the same frames in whatever pieces they arrive', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 700 }), (written, pieceBytes) => {
        const bytes = Buffer.concat(
          written.map(([type, flags, id, body]) => frame(type, flags, id, Buffer.from(body))),
        );
        const read: unknown[] = [];
        const reader = new FrameReader();
        for (let at = 0; at < bytes.length; at += pieceBytes) {
          reader.read(bytes.subarray(at, at + pieceBytes), (f) => {
            read.push([f.type, f.flags, f.stream, new Uint8Array(f.payload)]);
          });
        }
        assert.deepEqual(read, written);
      }),
    );
  });
});
