import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { OpenStreams } from '../../../broker/open-streams.ts';

describe('OpenStreams', () => {
  it('looks at every open stream in the turn of a recheck, and at none that has ended', async () => {
    const streams = new OpenStreams();
    const looked: string[] = [];
    const leave = streams.enter(() => looked.push('a'));
    streams.enter(() => looked.push('b'));
    await Promise.resolve();
    assert.deepEqual(
      looked,
      ['a', 'b'],
      'a new stream is looked at once: the policy may have changed before it was there',
    );
    streams.recheck();
    leave();
    streams.recheck();
    assert.deepEqual(looked, ['a', 'b', 'a', 'b', 'b']);
  });

  it('lets a check end its own stream, and others', async () => {
    const streams = new OpenStreams();
    let checks = 0;
    const leaves: (() => void)[] = [];
    for (let n = 0; n < 3; n += 1) {
      leaves.push(
        streams.enter(() => {
          checks += 1;
          for (const leave of leaves) leave();
        }),
      );
    }
    await Promise.resolve();
    assert.equal(checks, 1);
    streams.recheck();
    assert.equal(checks, 1);
  });
});
