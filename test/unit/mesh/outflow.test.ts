import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { outflow } from '../../../mesh/outflow.ts';

/** A stream whose peer makes room when it is told to. */
function slowStream() {
  const waiting: (() => void)[] = [];
  return {
    waiting,
    write: (_body: Buffer, written: () => void) => {
      waiting.push(written);
      return true;
    },
  };
}

describe('outflow', () => {
  const large = Buffer.alloc(200 * 1024);

  it('holds back by bytes, however few messages they are, and tells once when there is room', () => {
    const stream = slowStream();
    let rooms = 0;
    const write = outflow(stream as never, () => rooms++);
    assert.equal(write(large), true);
    assert.equal(write(large), false);
    assert.equal(write(large), false);
    stream.waiting.shift()?.();
    assert.equal(rooms, 0);
    stream.waiting.shift()?.();
    assert.equal(rooms, 1);
    stream.waiting.shift()?.();
    assert.equal(rooms, 1);
    assert.equal(write(large), true);
  });

  it('lets many small messages pass', () => {
    const write = outflow(slowStream() as never, assert.fail);
    for (let count = 0; count < 1_000; count++) assert.equal(write(Buffer.alloc(100)), true);
  });
});
