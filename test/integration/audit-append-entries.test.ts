import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import { migrate, openPipeline, openPool, type Pipeline, type Pool } from '#mesh/sql.ts';
import { checkEntry, EntryRefused } from '../../services/audit/domain/check-entry.ts';
import type { EntryRow } from '../../services/audit/domain/log-writer.ts';
import type { SealedPart } from '../../services/audit/domain/seal.ts';
import { appendEntries as append } from '../../services/audit/store/append-entries.ts';
import { someEntry } from '../support/audit-entries.ts';
import { testDatabase } from '../support/postgres.ts';
import { someSealing } from '../support/sealing.ts';

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest();

/** A row whose event id and leaf follow from `name` and `content`. */
function row(name: string, content = name, overrides: Partial<EntryRow> = {}): EntryRow {
  const eventId = sha256(name).subarray(0, 16);
  return {
    id: name,
    bytes: 0,
    eventId,
    timeUs: 1_790_000_000_000_000n,
    kind: 1,
    opd: 'DKK',
    method: '/rangkiang.resident.v1.ResidentService/GetResident',
    reason: '',
    leaf: Buffer.from(content),
    leafHash: sha256(content),
    commitments: null,
    purpose: 1,
    parts: [],
    checked: checkEntry(someEntry()),
    ...overrides,
  };
}

/** Appends where no keys were destroyed. */
async function appendEntries(pipeline: Pipeline, rows: readonly EntryRow[]) {
  const placed = await append(pipeline, rows, 0n);
  assert.ok(placed);
  return placed;
}

describe('appendEntries', () => {
  let pool: Pool;
  // Two connections stand for two replicas.
  let replicas: [Pipeline, Pipeline];

  before(async () => {
    const { url } = await testDatabase();
    pool = openPool(url, { max: 2 });
    await migrate(pool, new URL('../../services/audit/migrations/', import.meta.url));
    replicas = [openPipeline(url), openPipeline(url)];
  });

  after(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await pool.end();
  });

  const stored = async () => {
    const { rows } = await pool.query<{ index: bigint; event_id: string; leaf: Buffer }>(
      'select index, event_id, leaf from entry order by index',
    );
    return rows;
  };

  const indexesByLeaf = async () => new Map((await stored()).map(({ index, leaf }) => [leaf.toString(), index]));

  it('gives dense indexes without doubles, whatever batches repeat whatever ids on whichever replica', async () => {
    let run = 0;
    // A batch never holds one id twice; see CommitQueue.
    const batch = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 12 });
    const step = fc.record({ replica: fc.constantFrom(0, 1), batch });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        run++;
        // All at once: the head's lock alone orders them.
        const answers = await Promise.all(
          steps.map((step) =>
            appendEntries(
              replicas[step.replica as 0 | 1],
              step.batch.map((id) => row(`${run}-${id}`)),
            ),
          ),
        );
        const entries = await stored();
        assert.deepEqual(
          entries.map(({ index }) => index),
          entries.map((_, at) => BigInt(at)),
        );
        const byLeaf = await indexesByLeaf();
        assert.equal(byLeaf.size, entries.length);
        for (const [at, step] of steps.entries()) {
          assert.deepEqual(
            answers[at],
            step.batch.map((id) => byLeaf.get(`${run}-${id}`)),
          );
        }
      }),
      { numRuns: 60 },
    );
    const { rows } = await pool.query('select size from tree_head');
    assert.equal(rows[0].size, BigInt((await stored()).length));
  });

  it('gives the same index to entries that are sent again, among new ones and to another replica', async () => {
    const rows = [row('lost-a'), row('lost-b')];
    const first = await appendEntries(replicas[0], rows);
    const again = await appendEntries(replicas[1], [row('lost-new'), ...rows]);
    assert.deepEqual(again.slice(1), first);
  });

  it('does not give the index of another record with the same event id', async () => {
    const [index] = await appendEntries(replicas[0], [row('taken')]);
    const answers = await appendEntries(replicas[0], [row('taken', 'other content'), row('taken-2')]);
    assert.deepEqual(answers, [null, (index as bigint) + 1n]);
    assert.equal((await indexesByLeaf()).has('other content'), false);
  });

  const { ring } = someSealing();
  const somePart = (): SealedPart => ({ key: ring.keyOf(randomBytes(16)), sealed: randomBytes(90) });

  it('stores what it was given', async () => {
    const parts = [somePart(), somePart()];
    const commitments = randomBytes(96);
    const given = row('full', 'full', { kind: 4, reason: 'NO_PERMIT', purpose: 5, commitments, parts });
    const [index] = await appendEntries(replicas[0], [given]);
    const { rows } = await pool.query('select * from entry where index = $1', [index]);
    assert.deepEqual(rows[0], {
      index,
      event_id: given.eventId.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5'),
      time_us: given.timeUs,
      kind: 4,
      opd: 'DKK',
      method: given.method,
      reason: 'NO_PERMIT',
      leaf: given.leaf,
      leaf_hash: given.leafHash,
      commitments,
      key_id: null,
      sealed: null,
    });
    const byTag = <R extends { owner_tag: Buffer }>(found: R[]) =>
      found.sort((a, b) => Buffer.compare(a.owner_tag, b.owner_tag));
    const access = await pool.query('select * from access where index = $1', [index]);
    assert.deepEqual(
      byTag(access.rows),
      byTag(
        parts.map(({ key, sealed }) => ({
          owner_tag: key.ownerTag,
          index,
          purpose: 5,
          key_id: key.keyId,
          sealed,
        })),
      ),
    );
    const keys = await pool.query('select * from seal_key where key_id = any($1)', [parts.map(({ key }) => key.keyId)]);
    assert.deepEqual(
      byTag(keys.rows),
      byTag(
        parts.map(({ key }) => ({
          key_id: key.keyId,
          owner_tag: key.ownerTag,
          master: key.master,
          wrapped: key.wrapped,
        })),
      ),
    );
    assert.ok(parts.every(({ key }) => key.stored));
  });

  it('stores no sealed part of an entry that was there already', async () => {
    const given = row('once', 'once', { parts: [somePart()] });
    const [index] = await appendEntries(replicas[0], [given]);
    await appendEntries(replicas[0], [{ ...given, parts: [somePart()] }]);
    const { rows } = await pool.query('select key_id from access where index = $1', [index]);
    assert.deepEqual(rows, [{ key_id: given.parts[0]?.key.keyId }]);
  });

  it('does nothing when keys were destroyed that it does not know of', async () => {
    const before = (await stored()).length;
    assert.equal(await append(replicas[0], [row('late', 'late', { parts: [somePart()] })], 1n), null);
    assert.equal((await stored()).length, before);
  });

  it('commits nothing of a batch that Postgres refuses, and says that it lies in the entries', async () => {
    const before = (await stored()).length;
    const batch = [row('good'), row('bad', 'bad', { reason: '\0' })];
    await assert.rejects(appendEntries(replicas[0], batch), EntryRefused);
    assert.equal((await stored()).length, before);
  });

  it('waits for the disk also where the server would not', async () => {
    const session = await pool.connect();
    try {
      await session.query('begin');
      await session.query('set local synchronous_commit = off');
      await session.query(`select append_sealed(${"'{}', ".repeat(18)} 0)`);
      const { rows } = await session.query('show synchronous_commit');
      assert.equal(rows[0].synchronous_commit, 'on');
      await session.query('rollback');
    } finally {
      session.release();
    }
  });
});
