import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import pino from 'pino';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { MeshError } from '#mesh/errors.ts';
import { sealEntry } from '#mesh/leaf.ts';
import { type OnRecorded, OutboxRelay, outboxSql } from '#mesh/outbox.ts';
import { inTransaction, openPool, type Pool } from '#mesh/sql.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { testDatabase } from '../../support/postgres.ts';

const log = pino({ level: 'silent' });

function entryOf(eventId: Buffer, subjects: string[] = []): Entry {
  const leaf = { ...Leaf.fromPartial({ kind: Kind.APPLICATION, opd: 'DKK' }), eventId };
  return sealEntry(leaf, subjects, { operator: '', caseNumber: '', searchTerms: '' });
}

describe('the outbox', () => {
  let pool: Pool;
  let remote: MemoryLog;
  let relays: OutboxRelay[];

  before(async () => {
    pool = openPool((await testDatabase()).url, { max: 8 });
    await pool.query(outboxSql);
    await pool.query('create table effect (event_id bytea primary key)');
  });
  beforeEach(() => {
    remote = new MemoryLog();
    relays = [];
  });
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.close()));
    await pool.query('truncate outbox, effect');
  });

  function relay(onRecorded?: OnRecorded): OutboxRelay {
    const made = new OutboxRelay(pool, remote, log, onRecorded);
    relays.push(made);
    return made;
  }

  async function enqueue(by: OutboxRelay, subjects: string[] = []): Promise<Buffer> {
    const eventId = randomBytes(16);
    await inTransaction(pool, (client) => by.enqueue(client, entryOf(eventId, subjects)));
    return eventId;
  }

  const eventIds = () => remote.leaves.map(({ eventId }) => eventId.toString('hex'));
  const unavailable = (error: MeshError) => error.reason === 'AUDIT_UNAVAILABLE';

  it('appends what was committed and tells its index, now and later', async () => {
    const outbox = relay();
    const first = await enqueue(outbox);
    const second = await enqueue(outbox);
    const [a, b] = await Promise.all([outbox.wait(first, 10_000), outbox.wait(second, 10_000)]);
    assert.deepEqual([a, b], [0n, 1n]);
    assert.equal(await outbox.wait(first, 10_000), 0n);
    assert.equal(await relay().wait(second, 10_000), 1n);
  });

  it('appends nothing of a transaction that was rolled back', async () => {
    const outbox = relay();
    const lost = randomBytes(16);
    const failed = inTransaction(pool, async (client) => {
      await outbox.enqueue(client, entryOf(lost));
      throw new Error('rolled back');
    });
    await assert.rejects(failed, /rolled back/);
    await outbox.wait(await enqueue(outbox), 10_000);
    assert.equal(remote.leaves.length, 1);
    assert.notEqual(eventIds()[0], lost.toString('hex'));
  });

  it('keeps the subjects no longer than until they are recorded', async () => {
    const outbox = relay();
    await outbox.wait(await enqueue(outbox, ['1371110101900001']), 10_000);
    const { rows } = await pool.query('select entry, recorded_index from outbox');
    assert.deepEqual(rows, [{ entry: null, recorded_index: 0n }]);
  });

  it('answers AUDIT_UNAVAILABLE while the log is away, keeps the record, and appends it when asked again', async () => {
    const outbox = relay();
    remote.away = true;
    const eventId = await enqueue(outbox);
    await assert.rejects(outbox.wait(eventId, 10_000), unavailable);
    remote.away = false;
    assert.equal(await outbox.wait(eventId, 10_000), 0n);
  });

  it('tries again by itself when the log is back', async () => {
    const outbox = relay();
    remote.away = true;
    const eventId = await enqueue(outbox);
    await assert.rejects(outbox.wait(eventId, 10_000), unavailable);
    remote.away = false;
    await remote.nextAppend();
    assert.deepEqual(eventIds(), [eventId.toString('hex')]);
  });

  it('gives up waiting for a record that nobody committed', async () => {
    await assert.rejects(relay().wait(randomBytes(16), 20), unavailable);
  });

  it('refuses the same event id twice', async () => {
    const outbox = relay();
    const twice = entryOf(randomBytes(16));
    await inTransaction(pool, (client) => outbox.enqueue(client, twice));
    await assert.rejects(inTransaction(pool, (client) => outbox.enqueue(client, twice)));
  });

  it('finishes at its start what an earlier process left, in order', async () => {
    const earlier = relay();
    remote.away = true;
    const left = [await enqueue(earlier), await enqueue(earlier), await enqueue(earlier)];
    await earlier.close();
    remote.away = false;
    const later = relay();
    await Promise.all(left.map((eventId) => later.wait(eventId, 10_000)));
    assert.deepEqual(
      eventIds(),
      left.map((eventId) => eventId.toString('hex')),
    );
  });

  it('does what follows from a record in the transaction that marks it: both or neither', async () => {
    let failing = true;
    const outbox = relay(async (client, eventId) => {
      await client.query('insert into effect values ($1)', [eventId]);
      if (failing) throw new Error('crashed');
    });
    const eventId = await enqueue(outbox);
    await assert.rejects(outbox.wait(eventId, 10_000), unavailable);
    const after = await pool.query('select (select count(*) from effect) as effects, recorded_index from outbox');
    assert.deepEqual(after.rows, [{ effects: 0n, recorded_index: null }]);
    failing = false;
    assert.equal(await outbox.wait(eventId, 10_000), 0n);
    assert.equal((await pool.query('select from effect')).rowCount, 1);
  });

  it('does what follows exactly once, however many replicas relay the same table', async () => {
    const once: OnRecorded = async (client, eventId) => {
      await client.query('insert into effect values ($1)', [eventId]);
    };
    const replicas = [relay(once), relay(once), relay(once)];
    const [writer] = replicas as [OutboxRelay];
    const written = await Promise.all(Array.from({ length: 100 }, () => enqueue(writer)));
    await Promise.all(replicas.flatMap((replica) => written.map((eventId) => replica.wait(eventId, 10_000))));
    assert.equal(remote.leaves.length, 100);
    assert.equal((await pool.query('select from effect')).rowCount, 100);
  });

  it('lets nobody wait after it was closed', async () => {
    const outbox = relay();
    remote.away = true;
    const eventId = await enqueue(outbox);
    await outbox.close();
    await assert.rejects(outbox.wait(eventId, 10_000), unavailable);
  });
});
