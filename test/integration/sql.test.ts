import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { inTransaction, migrate, openPipeline, openPool, type Pipeline, type Pool } from '#mesh/sql.ts';
import { testDatabase } from '../support/postgres.ts';

/** Breaks all connections to the database except the one that asks, as a restart of the server would. */
const breakOthers =
  'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';

describe('Postgres', () => {
  let url: string;
  let pool: Pool;
  before(async () => {
    ({ url } = await testDatabase());
    pool = openPool(url, { max: 4 });
    await pool.query('CREATE TABLE numbers (n bigint PRIMARY KEY)');
  });
  after(() => pool.end());

  describe('openPool', () => {
    it('reads bigint as BigInt and a date as its text', async () => {
      const { rows } = await pool.query(
        "SELECT 9007199254740993::bigint AS big, 7 AS small, date '1987-11-30' AS born",
      );
      assert.deepEqual(rows, [{ big: 9007199254740993n, small: 7, born: '1987-11-30' }]);
    });

    it('outlives broken connections', async () => {
      const other = openPool(url, { max: 1 });
      await other.query('SELECT 1');
      const noticed = new Promise((resolve) => other.once('error', resolve));
      await pool.query(breakOthers);
      await noticed;
      assert.equal((await other.query('SELECT 1 AS one')).rows[0].one, 1);
      await other.end();
    });
  });

  describe('inTransaction', () => {
    it('commits and returns what the function returns', async () => {
      const result = await inTransaction(pool, async (client) => {
        await client.query('INSERT INTO numbers VALUES (1)');
        return 'done';
      });
      assert.equal(result, 'done');
      assert.deepEqual((await pool.query('SELECT n FROM numbers')).rows, [{ n: 1n }]);
    });

    it('leaves nothing behind when the function throws', async () => {
      const failure = new Error('no');
      const failed = inTransaction(pool, async (client) => {
        await client.query('INSERT INTO numbers VALUES (2)');
        throw failure;
      });
      await assert.rejects(failed, failure);
      assert.equal((await pool.query('SELECT FROM numbers WHERE n = 2')).rowCount, 0);
    });

    it('never gives a broken connection to the next', async () => {
      const small = openPool(url, { max: 1 });
      await assert.rejects(
        inTransaction(small, (client) => client.query('SELECT pg_terminate_backend(pg_backend_pid())')),
      );
      assert.equal((await small.query('SELECT 1 AS one')).rows[0].one, 1);
      await small.end();
    });
  });

  describe('openPipeline', () => {
    const echo = { name: 'echo', text: 'SELECT $1::int AS n, pg_backend_pid() AS pid' };
    const divide = { name: 'divide', text: 'SELECT 1 / $1::int AS n' };
    let pipeline: Pipeline;
    beforeEach(() => {
      pipeline = openPipeline(url);
    });
    afterEach(() => pipeline.close());

    it('answers many queries in one turn over one connection, each with its own rows', async () => {
      const numbers = Array.from({ length: 200 }, (_, n) => n);
      const answers = await Promise.all(numbers.map((n) => pipeline.query<{ n: number; pid: number }>(echo, [n])));
      assert.deepEqual(
        answers.map((rows) => rows[0]?.n),
        numbers,
      );
      assert.equal(new Set(answers.map((rows) => rows[0]?.pid)).size, 1);
    });

    it('fails one query alone', async () => {
      const [before, failed, behind] = await Promise.allSettled([
        pipeline.query(echo, [1]),
        pipeline.query(divide, [0]),
        pipeline.query(echo, [2]),
      ]);
      assert.deepEqual([before.status, failed.status, behind.status], ['fulfilled', 'rejected', 'fulfilled']);
    });

    it('rejects what was under way when the connection breaks, and connects again for the next', async () => {
      await pipeline.query(echo, [1]);
      const waiting = pipeline.query({ name: 'sleep', text: 'SELECT pg_sleep(60)' }, []);
      const broken = assert.rejects(waiting);
      await pool.query(breakOthers);
      await broken;
      assert.equal((await pipeline.query<{ n: number }>(echo, [3]))[0]?.n, 3);
    });

    it('rejects while the server is away, and works once it is there', async () => {
      const away = openPipeline('postgres://nobody@127.0.0.1:1/none');
      await assert.rejects(away.query(echo, [1]), /ECONNREFUSED/);
      await assert.rejects(away.query(echo, [1]), /ECONNREFUSED/);
      await away.close();
    });

    it('finishes what was asked before it closes, and refuses the rest', async () => {
      const asked = pipeline.query<{ n: number }>(echo, [4]);
      const closed = pipeline.close();
      assert.equal((await asked)[0]?.n, 4);
      await closed;
      await assert.rejects(pipeline.query(echo, [5]), /closed/);
    });
  });

  describe('migrate', () => {
    let folder: string;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'rangkiang-migrations-'));
      await pool.query('DROP TABLE IF EXISTS migrations, first, second');
      writeFileSync(join(folder, '001-first.sql'), 'CREATE TABLE first (n int);');
      writeFileSync(join(folder, '002-second.sql'), 'CREATE TABLE second (n int); INSERT INTO first VALUES (1);');
      writeFileSync(join(folder, 'README.md'), 'not SQL');
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const applied = async () =>
      (await pool.query('SELECT name FROM migrations ORDER BY name')).rows.map((row) => row.name);

    it('applies each file once, also when processes start together', async () => {
      const open = await Promise.all([1, 2, 3].map(() => pool.connect())); // so that none waits for its connection
      for (const client of open) client.release();
      await Promise.all([1, 2, 3].map(() => migrate(pool, pathToFileURL(folder))));
      await migrate(pool, pathToFileURL(`${folder}/`));
      assert.deepEqual(await applied(), ['001-first.sql', '002-second.sql']);
      assert.equal((await pool.query('SELECT FROM first')).rowCount, 1);
    });

    it('applies what is new', async () => {
      await migrate(pool, pathToFileURL(folder));
      writeFileSync(join(folder, '003-third.sql'), 'INSERT INTO second VALUES (3);');
      await migrate(pool, pathToFileURL(folder));
      assert.equal((await pool.query('SELECT FROM second')).rowCount, 1);
    });

    it('refuses a file that changed after it was applied', async () => {
      await migrate(pool, pathToFileURL(folder));
      writeFileSync(join(folder, '001-first.sql'), 'CREATE TABLE first (n bigint);');
      await assert.rejects(migrate(pool, pathToFileURL(folder)), /001-first\.sql has changed/);
    });

    it('leaves nothing of a file that fails, and keeps the files before it', async () => {
      writeFileSync(join(folder, '002-second.sql'), 'CREATE TABLE second (n int); SELECT 1/0;');
      await assert.rejects(migrate(pool, pathToFileURL(folder)), /division by zero/);
      assert.deepEqual(await applied(), ['001-first.sql']);
      assert.equal((await pool.query("SELECT to_regclass('second') AS found")).rows[0].found, null);
    });
  });
});
