import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import pg from 'pg';
import { layoutOf } from '../../cli/state/layout.ts';
import { randomPorts } from '../../cli/supervisor/ports.ts';
import { databases } from '../../cli/supervisor/process-table.ts';
import { startStores } from '../../cli/supervisor/stores.ts';
import { testDatabase } from '../support/postgres.ts';

const redisUrl = 'redis://127.0.0.1:1';

describe('stores of one’s own (POSTGRES_URL, REDIS_URL)', () => {
  let stateDir: string;
  let postgresUrl: string;
  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'rangkiang-stores-'));
    postgresUrl = (await testDatabase()).url;
  });
  after(async () => {
    await query(...databases.map((name) => `DROP DATABASE IF EXISTS ${name}`));
    await rm(stateDir, { recursive: true });
  });

  async function query(...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: postgresUrl });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  async function start(fresh: boolean, url = postgresUrl) {
    await using cleanup = new AsyncDisposableStack();
    const env = { POSTGRES_URL: url, REDIS_URL: redisUrl };
    const options = {
      layout: layoutOf(stateDir),
      ports: await randomPorts(),
      env,
      fresh,
      say: () => {},
      onDeath: () => {},
    };
    return await startStores(options, cleanup);
  }

  it('get the databases that they lack, and nothing is started beside them', async () => {
    for (let time = 0; time < 2; time += 1) {
      const stores = await start(false);
      assert.equal(stores.redisUrl, redisUrl);
      for (const name of databases) {
        const client = new pg.Client({ connectionString: stores.postgres(name) });
        await client.connect();
        const { rows } = await client.query('SELECT current_database() AS name');
        assert.deepEqual(rows, [{ name }]);
        await client.end();
      }
    }
    assert.deepEqual(await readdir(stateDir), []);
  });

  it('are named by their variable when they do not answer, and their password is not told', async () => {
    const away = 'postgres://rangkiang:secret@127.0.0.1:1/postgres';
    await assert.rejects(
      start(false, away),
      (error: Error) => /POSTGRES_URL/.test(error.message) && !/secret/.test(error.message),
    );
  });

  it('are not emptied by --fresh: they may hold what is not ours', async () => {
    await assert.rejects(start(true), /--fresh does not empty/);
  });
});
