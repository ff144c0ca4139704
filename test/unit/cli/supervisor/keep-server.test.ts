import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createClient } from 'redis';
import { commandOf, freePort } from '../../../../cli/embedded/process.ts';
import { type EmbeddedRedis, startRedis } from '../../../../cli/embedded/redis.ts';
import { keepServer } from '../../../../cli/supervisor/keep-server.ts';

describe('kept server', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'rangkiang-kept-'));
  });
  after(() => rm(dir, { recursive: true }));

  it('is started again at the same address when it is killed, and stops for good in the end', async () => {
    const port = await freePort();
    const starts: EmbeddedRedis[] = [];
    const again = Promise.withResolvers<void>();
    let deaths = 0;
    const start = async () => {
      starts.push(await startRedis({ dir, port }));
      if (starts.length === 2) again.resolve();
      return starts.at(-1) as EmbeddedRedis;
    };
    const cleanup = new AsyncDisposableStack();
    const { url, pid } = await keepServer(start, () => (deaths += 1), cleanup);

    process.kill(pid, 'SIGKILL');
    await again.promise;
    const client = createClient({ url });
    await client.connect();
    assert.equal(await client.ping(), 'PONG');
    client.destroy();
    assert.equal(deaths, 1);

    await cleanup.disposeAsync();
    assert.equal(commandOf(starts[1]?.pid ?? 0), undefined);
    assert.equal(starts.length, 2);
  });
});
