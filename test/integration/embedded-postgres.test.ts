import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import pg from 'pg';
import { type EmbeddedPostgres, startPostgres } from '../../cli/embedded/postgres.ts';
import { commandOf } from '../../cli/embedded/process.ts';

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  let dataDir: string;
  let postgres: EmbeddedPostgres;
  const start = async (port?: number) => {
    postgres = await startPostgres({ dataDir, port, sharedBuffersMb: 32 });
  };

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'rangkiang-postgres-'));
    await start();
    await postgres.createDatabase('audit');
    await ask(postgres.url('audit'), 'CREATE TABLE leaf (n int PRIMARY KEY)');
    await ask(postgres.url('audit'), 'INSERT INTO leaf VALUES (4711)');
    await postgres.stop();
  });
  after(() => rmSync(dataDir, { recursive: true }));
  beforeEach(() => start());
  afterEach(() => postgres.stop());

  const works = async () =>
    assert.deepEqual(
      await ask(postgres.url('audit'), 'SELECT n FROM leaf'),
      [{ n: 4711 }],
      'what was committed is there',
    );

  it('keeps databases, password and port over a restart', async () => {
    const { port, pid } = postgres;
    const url = postgres.url('audit');
    await postgres.stop();
    assert.equal(commandOf(pid), undefined);
    await start(port);
    await postgres.createDatabase('audit');
    assert.equal(postgres.url('audit'), url);
    await works();
  });

  it('stops a server that a killed run has left over', async () => {
    const { pid } = postgres;
    await start();
    assert.equal(commandOf(pid), undefined);
    await works();
  });

  it('starts after a server that was killed', async () => {
    process.kill(postgres.pid, 'SIGKILL');
    await start();
    await works();
  });

  it('starts although its pid file names somebody else by now', async () => {
    await postgres.stop();
    writeFileSync(join(dataDir, 'cluster/postmaster.pid'), `${process.pid}\n${dataDir}/cluster\n`);
    await start();
    await works();
  });

  it('makes a cluster anew that an earlier first start left unfinished', async () => {
    const other = mkdtempSync(join(tmpdir(), 'rangkiang-postgres-'));
    mkdirSync(join(other, 'cluster.unfinished'));
    writeFileSync(join(other, 'cluster.unfinished/PG_VERSION'), '18\n');
    const whole = await startPostgres({ dataDir: other, sharedBuffersMb: 32 });
    await whole.stop();
    rmSync(other, { recursive: true });
  });

  it('says when its port is taken', async () => {
    const taken = postgres.port;
    const other = mkdtempSync(join(tmpdir(), 'rangkiang-postgres-'));
    try {
      await assert.rejects(startPostgres({ dataDir: other, port: taken }), new RegExp(`port ${taken} is taken`));
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('lets nobody in without the password', async () => {
    const wrong = new URL(postgres.url('audit'));
    wrong.password = 'password';
    await assert.rejects(ask(wrong.href, 'SELECT'), { code: '28P01' });
  });

  it('is durable, and writes no row into its log', async () => {
    const url = postgres.url('audit');
    for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
      assert.deepEqual(Object.values((await ask(url, `SHOW ${name}`))[0] ?? {}), ['on'], name);
    }
    await assert.rejects(ask(url, 'INSERT INTO leaf VALUES (4711)'), { code: '23505' });
    await assert.rejects(ask(url, "SELECT '4711x'::int"), { code: '22P02' });
    assert.doesNotMatch(readFileSync(join(dataDir, 'postgres.log'), 'utf8'), /4711/);
  });
});
