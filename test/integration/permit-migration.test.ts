import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { printJson } from '#mesh/contract.ts';
import { openPool } from '#mesh/sql.ts';
import { izinOf, validUntil } from '../support/policy.ts';
import { testDatabase } from '../support/postgres.ts';

const sql = (name: string) =>
  readFileSync(new URL(`../../services/permit/migrations/${name}`, import.meta.url), 'utf8');

describe('permits from before the life cycle', () => {
  it('keep the end of validity that was signed', async () => {
    const { url } = await testDatabase();
    const pool = openPool(url, { max: 1 });
    await pool.query(sql('0001-permit.sql'));
    await pool.query("insert into opd values ('DKK', 'Dinas Kesehatan')");
    // Numbers of each length, and letters whose base64 differs in base64url: with and without padding.
    const numbers = ['470/1', '470/12', '470/123', '470/>>>???', '470/ûüý'];
    for (const number of numbers) {
      const permitId = randomUUID();
      const izin = Izin.encode(izinOf({ permitId, number })).finish();
      const payload = Buffer.from(printJson('rangkiang.permit.v1.Izin', izin)).toString('base64url');
      await pool.query(
        "insert into applications (application_id, opd, content, state, submit_event) values ($1, 'DKK', '', 3, $2)",
        [permitId, randomBytes(16)],
      );
      await pool.query(
        `insert into permits (permit_id, opd, jws, izin, quota_per_day, issue_event, policy_version)
         values ($1, 'DKK', $2, $3, 1, $4, 1)`,
        [permitId, `aGVhZA.${payload}.c2ln`, izin, randomBytes(16)],
      );
    }
    await pool.query(sql('0020-lifecycle.sql'));
    const { rows } = await pool.query<{ valid_until: Date; revision: bigint }>(
      'select valid_until, revision from permits',
    );
    assert.deepEqual(
      rows,
      numbers.map(() => ({ valid_until: new Date(validUntil), revision: 1n })),
    );
    await pool.end();
  });
});
