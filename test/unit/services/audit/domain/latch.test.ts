import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Latch } from '../../../../../services/audit/domain/latch.ts';

/** Whether a promise settles before the event loop has gone around. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise(setImmediate);
  return settled;
}

describe('Latch', () => {
  it('lets pass whoever comes after it was opened, once', async () => {
    const latch = new Latch();
    latch.open();
    latch.open();
    await latch.pass();
    assert.equal(await isSettled(latch.pass()), false);
  });

  it('wakes whoever waits', async () => {
    const latch = new Latch();
    const passing = latch.pass();
    assert.equal(await isSettled(passing), false);
    latch.open();
    await passing;
    assert.equal(await isSettled(latch.pass()), false);
  });
});
