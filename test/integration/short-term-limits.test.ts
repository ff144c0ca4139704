import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'mocha';
import { createClient } from 'redis';
import { RateLimit } from '../../broker/quota/rate-limit.ts';
import { RedisCounters } from '../../broker/quota/redis-counters.ts';
import { testRedis } from '../support/redis.ts';

const silent = { warn: () => {} };
const MINUTE_MS = 60_000;

describe('short-term limits on Redis', () => {
  let url: string;
  const open: { close(): void }[] = [];
  before(async () => {
    url = await testRedis();
  });
  after(() => {
    for (const each of open) each.close();
  });

  function counters(redisUrl: string): RedisCounters {
    const store = new RedisCounters(redisUrl, silent);
    open.push(store);
    return store;
  }

  async function answering(store: RedisCounters): Promise<void> {
    for (;;) {
      try {
        await store.add(new Map([['rangkiang:limit:test:ready', 1]]), MINUTE_MS);
        return;
      } catch {}
    }
  }

  /** The limits of one of `brokers` brokers, in one window for the whole test, however long it takes. */
  function limitOf(store: RedisCounters, brokers: number): RateLimit {
    return new RateLimit({ store, nowMs: () => 0, brokers: () => brokers });
  }

  it('count for all brokers together', async () => {
    const stores = [counters(url), counters(url), counters(url), counters(url)];
    await Promise.all(stores.map(answering));
    const limits = stores.map((store) => limitOf(store, 4));
    const taken = Array.from({ length: 1_000 }, (_, n) => limits[n % 4]?.take('permit/p', 100));
    assert.equal((await Promise.all(taken)).filter(Boolean).length, 100);
  });

  it('are forgotten by Redis after their time', async () => {
    const store = counters(url);
    await answering(store);
    await store.add(new Map([['rangkiang:limit:test:ttl', 3]]), MINUTE_MS);
    assert.deepEqual(
      await store.add(new Map([['rangkiang:limit:test:ttl', 4]]), MINUTE_MS),
      new Map([['rangkiang:limit:test:ttl', 7]]),
    );
    const client = await createClient({ url }).connect();
    const ttlMs = await client.pTTL('rangkiang:limit:test:ttl');
    client.destroy();
    assert(ttlMs > 0 && ttlMs <= MINUTE_MS);
  });

  it('keep a broker to its share while Redis cannot be reached', async () => {
    const limit = limitOf(counters('redis://127.0.0.1:1'), 2);
    const taken = Array.from({ length: 30 }, () => limit.take('permit/p', 10));
    assert.equal((await Promise.all(taken)).filter(Boolean).length, 5);
  });

  it('keep a broker to its share while Redis accepts and does not answer', async () => {
    const mute: Server = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as { port: number };
    open.push({ close: () => mute.close() });
    const limit = limitOf(counters(`redis://127.0.0.1:${port}`), 2);
    const taken = Array.from({ length: 30 }, () => limit.take('permit/p', 10));
    assert.equal((await Promise.all(taken)).filter(Boolean).length, 5);
  });

  it('keep a broker to its share when a key holds no count', async () => {
    const client = await createClient({ url }).connect();
    await client.set('rangkiang:limit:calls:0:permit/spoilt', 'no count');
    client.destroy();
    const store = counters(url);
    await answering(store);
    const limit = limitOf(store, 2);
    const taken = Array.from({ length: 30 }, () => limit.take('permit/spoilt', 10));
    assert.equal((await Promise.all(taken)).filter(Boolean).length, 5);
  });

  it('keep a broker to its share while Redis answers something else than counts', async () => {
    const liar: Server = createServer((socket) => {
      // Each command begins with the number of its parts.
      socket.on('data', (bytes) => socket.write('+OK\r\n'.repeat(bytes.toString().match(/^\*\d/gm)?.length ?? 0)));
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const { port } = liar.address() as { port: number };
    open.push({ close: () => liar.close() });
    const store = counters(`redis://127.0.0.1:${port}`);
    const isLying = () =>
      store.add(new Map([['x', 1]]), MINUTE_MS).then(
        () => true,
        (error: Error) => error.message.includes('with a count'),
      );
    while (!(await isLying())) await new Promise(setImmediate);
    const limit = limitOf(store, 2);
    const taken = Array.from({ length: 30 }, () => limit.take('permit/p', 10));
    assert.equal((await Promise.all(taken)).filter(Boolean).length, 5);
  });
});
