import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createClient } from 'redis';
import { commandOf } from '../../cli/embedded/process.ts';
import { type EmbeddedRedis, startRedis } from '../../cli/embedded/redis.ts';

async function ping(url: string): Promise<string> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.ping();
  } finally {
    client.destroy();
  }
}

describe('startRedis', () => {
  let dir: string;
  let redis: EmbeddedRedis;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rangkiang-redis-'));
    redis = await startRedis({ dir });
  });
  afterEach(async () => {
    await redis.stop();
    rmSync(dir, { recursive: true });
  });

  it('keeps its URL over a restart on the same port', async () => {
    assert.equal(await ping(redis.url), 'PONG');
    const { url, port, pid } = redis;
    await redis.stop();
    assert.equal(commandOf(pid), undefined);
    redis = await startRedis({ dir, port });
    assert.equal(redis.url, url);
    assert.equal(await ping(url), 'PONG');
  });

  it('stops a server that a killed run has left over', async () => {
    const { pid } = redis;
    redis = await startRedis({ dir });
    assert.equal(commandOf(pid), undefined);
    assert.equal(await ping(redis.url), 'PONG');
  });

  it('says when its port is taken', async () => {
    const other = mkdtempSync(join(tmpdir(), 'rangkiang-redis-'));
    try {
      await assert.rejects(startRedis({ dir: other, port: redis.port }), new RegExp(`port ${redis.port} is taken`));
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('lets nobody in without the password, which its command line does not show', async () => {
    const { password, port } = new URL(redis.url);
    await assert.rejects(ping(`redis://127.0.0.1:${port}`), /NOAUTH/);
    assert(!commandOf(redis.pid)?.includes(password));
  });

  it('writes nothing to disk', async () => {
    const client = createClient({ url: redis.url });
    await client.connect();
    assert.deepEqual(
      { ...(await client.configGet(['save', 'appendonly', 'bind'])) },
      { save: '', appendonly: 'no', bind: '127.0.0.1' },
    );
    client.destroy();
  });
});
