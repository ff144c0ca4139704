import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startPostgres } from '../../cli/embedded/postgres.ts';
import { onTestRunEnd } from './hooks.ts';

let server: Promise<EmbeddedPostgres> | undefined;

/** A fresh, empty database on the one PostgreSQL server of this test run, which the first caller starts. */
export async function testDatabase(): Promise<{ url: string }> {
  server ??= start();
  const postgres = await server;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await postgres.createDatabase(name);
  return { url: postgres.url(name) };
}

async function start(): Promise<EmbeddedPostgres> {
  const dataDir = mkdtempSync(join(tmpdir(), 'rangkiang-test-postgres-'));
  const postgres = await startPostgres({ dataDir, sharedBuffersMb: 64 });
  onTestRunEnd(postgres.pid, async () => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return postgres;
}
