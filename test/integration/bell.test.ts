import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Bell } from '#mesh/bell.ts';
import { createLogger } from '#mesh/log.ts';
import { type EmbeddedRedis, startRedis } from '../../cli/embedded/redis.ts';
import { testRedis } from '../support/redis.ts';

const log = createLogger('test', 'fatal');

/** Rings again and again, since a ring before the connection stands is lost, until `heard` resolves. */
async function ringUntil(heard: Promise<void>, bell: Bell, channel: string): Promise<void> {
  const timer = setInterval(() => bell.ring(channel), 5);
  await heard;
  clearInterval(timer);
}

/** Resolves when `bell` has called a new listener on the channel. */
function hears(bell: Bell, channel: string): Promise<void> {
  return new Promise((resolve) => bell.on(channel, resolve));
}

describe('the bell', () => {
  const open: Bell[] = [];
  const openBell = (url: string): Bell => {
    const bell = new Bell(url, log);
    open.push(bell);
    return bell;
  };
  afterEach(() => {
    for (const bell of open.splice(0)) bell.close();
  });

  it('is heard by every listener of the channel, in any process', async () => {
    const url = await testRedis();
    const [ringer, first, second] = [openBell(url), openBell(url), openBell(url)];
    const heard = Promise.all([hears(first, 'a'), hears(first, 'a'), hears(second, 'a')]);
    await ringUntil(
      heard.then(() => {}),
      ringer,
      'a',
    );
  });

  it('is not heard by whoever rings it', async () => {
    const url = await testRedis();
    const [ringer, listener] = [openBell(url), openBell(url)];
    await Promise.all([ringUntil(hears(ringer, 'a'), listener, 'a'), ringUntil(hears(listener, 'a'), ringer, 'a')]);
    let own = 0;
    ringer.on('a', () => {
      own += 1;
    });
    await ringUntil(hears(listener, 'a'), ringer, 'a');
    await ringUntil(hears(ringer, 'b'), listener, 'b');
    assert.equal(own, 0);
  });

  it('is not heard on another channel', async () => {
    const url = await testRedis();
    const [ringer, listener] = [openBell(url), openBell(url)];
    await ringUntil(hears(listener, 'policy'), ringer, 'policy');
    let wrong = 0;
    listener.on('audit', () => {
      wrong += 1;
    });
    await ringUntil(hears(listener, 'policy'), ringer, 'policy');
    assert.equal(wrong, 0);
  });

  describe('when Redis goes away', () => {
    let dir: string;
    let redis: EmbeddedRedis;
    beforeEach(async () => {
      dir = mkdtempSync(join(tmpdir(), 'rangkiang-bell-'));
      redis = await startRedis({ dir });
    });
    afterEach(async () => {
      await redis.stop();
      rmSync(dir, { recursive: true });
    });

    it('calls listeners after the reconnection, because it may have missed a ring', async () => {
      const listener = openBell(redis.url);
      await ringUntil(hears(listener, 'a'), listener, 'a');
      const calledAgain = hears(listener, 'a');
      await redis.stop();
      listener.ring('a'); // lost, and no error
      redis = await startRedis({ dir, port: redis.port });
      await calledAgain;
    });
  });

  it('does not mind that Redis was never there', () => {
    const bell = openBell('redis://127.0.0.1:1');
    bell.on('a', () => {});
    bell.ring('a');
    bell.close();
  });
});
