import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { migrate, openPipeline, openPool, type Pipeline, type Pool } from '#mesh/sql.ts';
import { decodeBundle } from '#mesh/tlog/tile.ts';
import { Tree } from '#mesh/tlog/tree.ts';
import { appendEntries } from '../../services/audit/store/append-entries.ts';
import { readBundle, readTile } from '../../services/audit/store/read-tree.ts';
import { entryRow } from '../support/entry-row.ts';
import { naiveRoot } from '../support/naive-tree.ts';
import { testDatabase } from '../support/postgres.ts';

const migrations = new URL('../../services/audit/migrations/', import.meta.url);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

const someRows = (count: number) => Array.from({ length: count }, () => entryRow(randomBytes(40)));

describe('the tree in Postgres', function () {
  this.timeout(60_000);
  let pool: Pool;
  let replicas: Pipeline[];

  before(async () => {
    const { url } = await testDatabase();
    pool = openPool(url, { max: 4 });
    // A log from the time before the tree.
    for (const name of readdirSync(migrations)
      .sort()
      .filter((file) => file < '020')) {
      await pool.query(readFileSync(new URL(name, migrations), 'utf8'));
      await pool.query(
        'create table if not exists migrations (name text primary key, sha256 bytea not null, applied_at timestamptz not null)',
      );
      const digest = sha256(readFileSync(new URL(name, migrations)));
      await pool.query('insert into migrations values ($1, $2, now())', [name, digest]);
    }
    replicas = [openPipeline(url), openPipeline(url)];
    await pool.query(`
      insert into entry (index, event_id, time_us, kind, opd, method, reason, leaf, leaf_hash)
      select at, gen_random_uuid(), 1, 1, 'DKK', '', '', leaf, sha256('\\x00'::bytea || leaf)
      from (select at, sha256(at::text::bytea) as leaf from generate_series(0, 699) as at) as made;
      update tree_head set size = 700`);
    await migrate(pool, migrations);
  });

  after(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await pool.end();
  });

  const leafHashes = async () => {
    const { rows } = await pool.query<{ leaf_hash: Buffer }>('select leaf_hash from entry order by index');
    return rows.map(({ leaf_hash }) => leaf_hash);
  };
  const rootAt = (size: number) => new Tree(BigInt(size), (tile) => readTile(pool, tile)).root();

  it('holds what was recorded before it', async () => {
    const hashes = await leafHashes();
    assert.equal(hashes.length, 700);
    for (const size of [0, 1, 255, 256, 257, 512, 700]) {
      assert.deepEqual(await rootAt(size), naiveRoot(hashes.slice(0, size)), `${size}`);
    }
  });

  it('grows with whatever batches, of several replicas and repeated', async () => {
    const batches = [1, 67, 1, 255, 256, 300, 3, 513, 2_000].map(someRows);
    await Promise.all(batches.flatMap((batch) => replicas.map((replica) => appendEntries(replica, batch, 0n))));
    const hashes = await leafHashes();
    assert.equal(hashes.length, 700 + batches.flat().length);
    for (const size of [700, 1_024, 1_025, 3_000, hashes.length]) {
      assert.deepEqual(await rootAt(size), naiveRoot(hashes.slice(0, size)), `${size}`);
    }
  });

  it('has a second level', async () => {
    const missing = 65_536 + 300 - (await leafHashes()).length;
    for (let left = missing; left > 0; left -= 2_000) {
      await appendEntries(replicas[0] as Pipeline, someRows(Math.min(left, 2_000)), 0n);
    }
    const hashes = await leafHashes();
    const { rows } = await pool.query<{ hash: Buffer }>('select hash from tree_node where level = 2');
    assert.deepEqual(
      rows.map(({ hash }) => hash),
      [naiveRoot(hashes.slice(0, 65_536))],
    );
    assert.deepEqual(await rootAt(hashes.length), naiveRoot(hashes));
  });

  it('gives bundles of leaves in order, as far as the log has got', async () => {
    const hashes = await leafHashes();
    const last = BigInt(hashes.length) / 256n;
    const width = hashes.length % 256;
    for (const [index, count] of [
      [0n, 256],
      [last, width],
      [last, 1],
    ] as const) {
      const leaves = decodeBundle((await readBundle(pool, index, count)) ?? Buffer.alloc(0));
      const found = leaves.map((leaf) => sha256(Buffer.concat([Buffer.from([0]), leaf])));
      assert.deepEqual(found, hashes.slice(Number(index) * 256, Number(index) * 256 + count));
    }
    assert.equal(await readBundle(pool, last, width + 1), undefined);
  });
});
