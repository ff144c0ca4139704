import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedRedis, startRedis } from '../../cli/embedded/redis.ts';
import { onTestRunEnd } from './hooks.ts';

let server: Promise<EmbeddedRedis> | undefined;

/** The URL of the one Redis server of this test run, which the first caller starts. */
export async function testRedis(): Promise<string> {
  server ??= start();
  return (await server).url;
}

async function start(): Promise<EmbeddedRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'rangkiang-test-redis-'));
  const redis = await startRedis({ dir });
  onTestRunEnd(redis.pid, async () => {
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  return redis;
}
