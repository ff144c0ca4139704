import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import { migrate, openPool } from '#mesh/sql.ts';
import { testDatabase } from '../support/postgres.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../services/permit/confirm-restored.ts', import.meta.url));

describe('the program for a restored database of permits', () => {
  it('makes it a new incarnation', async () => {
    const { url } = await testDatabase();
    const pool = openPool(url, { max: 1 });
    await migrate(pool, new URL('../../services/permit/migrations/', import.meta.url));
    const incarnation = async () => (await pool.query('select incarnation from policy_head')).rows[0].incarnation;
    const before = await incarnation();
    const { stdout } = await run(process.execPath, [program], { env: { ...process.env, DATABASE_URL: url } });
    assert.match(stdout, /new incarnation/);
    assert.notEqual(await incarnation(), before);
    await pool.end();
  });

  it('says what it needs', async () => {
    const { DATABASE_URL: _, ...env } = process.env;
    await assert.rejects(run(process.execPath, [program], { env }), /DATABASE_URL/);
  });
});
