import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import type { AppendClient } from '#mesh/append-client.ts';
import { MeshError } from '#mesh/errors.ts';
import { leafHash } from '#mesh/leaf.ts';
import { someEntry, someLeaf } from '../support/audit-entries.ts';
import { type AuditService, startAuditService } from '../support/audit-service.ts';
import { type GateProxy, startGateProxy } from '../support/gate-proxy.ts';
import { openSealed } from '../support/open-sealed.ts';

const NIK = '1371010101010001';
const RETRY_MS = 20;
const isUnavailable = (error: unknown) => error instanceof MeshError && error.reason === 'AUDIT_UNAVAILABLE';

function isRefused(error: unknown): boolean {
  return isUnavailable(error) && /^refused/.test(((error as MeshError).cause as Error).message);
}

/** Appends until it succeeds, as an outbox does, or is refused for ever. */
async function appendUntilDone(client: AppendClient, entry: Entry): ReturnType<AppendClient['append']> {
  for (;;) {
    try {
      return await client.append(entry);
    } catch (error) {
      if (isRefused(error) || !isUnavailable(error)) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Resolves when so many are acknowledged. */
async function reached(answers: ReadonlyMap<Entry, bigint>, count: number): Promise<void> {
  while (answers.size < count) await new Promise(setImmediate);
}

describe('appending to the audit service', function () {
  this.timeout(180_000);
  let audit: AuditService;
  let gate: GateProxy;
  let client: AppendClient;

  before(async () => {
    audit = await startAuditService(async (url) => {
      const database = new URL(url);
      gate = await startGateProxy(Number(database.port));
      database.port = String(gate.port);
      return database.href;
    });
    client = audit.client('resident');
  });

  after(async () => {
    await audit.stop();
    await gate.close();
  });

  /** Dense, without doubles, and each answer's index holds its leaf. */
  async function assertHolds(answers: Iterable<readonly [Entry, bigint]>): Promise<void> {
    const entries = await audit.entries();
    assert.deepEqual(
      entries.map(({ index }) => index),
      entries.map((_, at) => BigInt(at)),
    );
    assert.equal(new Set(entries.map(({ leaf }) => leaf.eventId.toString('hex'))).size, entries.length);
    for (const [{ leaf }, index] of answers) assert.deepEqual(entries[Number(index)]?.leafBytes, leaf);
  }

  it('acknowledges what several processes send with index and leaf hash, in one dense order', async () => {
    const other = audit.client('broker');
    const entries = Array.from({ length: 400 }, () => someEntry());
    const answers = await Promise.all(entries.map((entry, at) => appendUntilDone(at % 2 ? client : other, entry)));
    for (const [at, answer] of answers.entries()) {
      assert.deepEqual(answer.leafHash, leafHash((entries[at] as Entry).leaf));
    }
    await assertHolds(entries.map((entry, at) => [entry, answers[at]?.index as bigint]));
  });

  it('gives a repeated entry its first index, on the same stream, on another one, and twice at once', async () => {
    const entry = someEntry();
    const { index } = await appendUntilDone(client, entry);
    const again = await Promise.all([client, client, audit.client('permit')].map((one) => appendUntilDone(one, entry)));
    assert.deepEqual(new Set(again.map((answer) => answer.index)), new Set([index]));
    await assertHolds([[entry, index]]);
  });

  it('refuses what can never be appended, and only that', async () => {
    const leaf = someLeaf();
    await appendUntilDone(client, someEntry(leaf));
    const good = someEntry();
    const wrong = [
      someEntry({ ...leaf, rows: 2 }),
      { ...someEntry({}, [NIK]), subjects: [] },
      someEntry({ reason: '\0' }),
    ];
    const outcomes = await Promise.allSettled([good, ...wrong].map((entry) => appendUntilDone(client, entry)));
    assert.equal(outcomes[0]?.status, 'fulfilled');
    for (const outcome of outcomes.slice(1)) {
      assert.ok(outcome.status === 'rejected' && isRefused(outcome.reason));
    }
    const faults = audit.first.child.lines.filter(({ msg }) => msg === 'entry refused');
    assert.ok(faults.length >= wrong.length);
  });

  it('keeps what is personal sealed: nothing of it is readable in the database, and the seal key opens it', async () => {
    const context = { operator: 'Rahmi Fitri', caseNumber: 'RM-22310', searchTerms: '' };
    const entry = someEntry({}, [NIK], context);
    const { index } = await appendUntilDone(client, entry);
    const { rows } = await audit.pool.query('select * from entry where index = $1', [index]);
    const { rows: access } = await audit.pool.query('select * from access where index = $1', [index]);
    const stored = Buffer.concat(
      [...Object.values(rows[0]), ...Object.values(access[0])].map((value) =>
        Buffer.isBuffer(value) ? value : Buffer.from(String(value)),
      ),
    );
    for (const word of [NIK, 'Rahmi', 'RM-22310']) assert.equal(stored.includes(word), false);

    assert.equal(access.length, 1);
    assert.deepEqual(await openSealed(audit.pool, audit.sealKey, index), [{ ...entry, leaf: Buffer.alloc(0) }]);
  });

  it('gives the index of the first commit when its acknowledgement from Postgres was lost', async () => {
    const before = (await audit.entries()).length;
    const entry = someEntry();
    const committed = gate.hold('answer', 'append-entries');
    const appended = appendUntilDone(client, entry);
    await committed;
    gate.cut();
    gate.open();
    const { index } = await appended;
    assert.equal(index, BigInt(before));
    await assertHolds([[entry, index]]);
  });

  it('loses and doubles nothing while Postgres ends its connections', async () => {
    const answers = new Map<Entry, bigint>();
    const writers = Array.from({ length: 20 }, async () => {
      for (let count = 0; count < 25; count++) {
        const entry = someEntry();
        answers.set(entry, (await appendUntilDone(client, entry)).index);
      }
    });
    for (let cut = 0; cut < 8; cut++) {
      await reached(answers, 50 * (cut + 1));
      await audit.pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%append_sealed%' and datname = current_database() and pid <> pg_backend_pid()",
      );
    }
    await Promise.all(writers);
    assert.equal(answers.size, 500);
    await assertHolds(answers);
  });

  it('loses and doubles nothing while the service is killed and started again', async () => {
    const answers = new Map<Entry, bigint>();
    const writers = Array.from({ length: 20 }, async () => {
      for (let count = 0; count < 30; count++) {
        const entry = someEntry();
        answers.set(entry, (await appendUntilDone(client, entry)).index);
      }
    });
    for (let kill = 0; kill < 3; kill++) {
      await reached(answers, 150 * (kill + 1));
      await audit.first.kill();
      await audit.first.start();
    }
    await Promise.all(writers);
    assert.equal(answers.size, 600);
    await assertHolds(answers);
  });

  it('orders what two replicas commit at the same time', async () => {
    const second = await audit.another();
    const clients = [client, audit.client('broker', second)];
    const answers = new Map<Entry, bigint>();
    // Both get some entries too: as when a stream breaks and the other replica answers.
    const shared = Array.from({ length: 50 }, () => someEntry());
    const both = await Promise.all(
      clients.map(async (one) => {
        const own = Array.from({ length: 100 }, () => someEntry());
        const sent = [...own, ...shared];
        const indexes = await Promise.all(sent.map((entry) => appendUntilDone(one, entry)));
        for (const [at, entry] of sent.entries()) answers.set(entry, indexes[at]?.index as bigint);
        return indexes.slice(100).map(({ index }) => index);
      }),
    );
    assert.deepEqual(both[0], both[1]);
    await assertHolds(answers);
  });

  it('lets nothing pass while the service is down or hangs, and works again by itself', async () => {
    await audit.first.kill();
    await assert.rejects(client.append(someEntry()), isUnavailable);
    await audit.first.start();
    await appendUntilDone(client, someEntry());

    audit.first.child.process.kill('SIGSTOP');
    await assert.rejects(client.append(someEntry()), isUnavailable);
    audit.first.child.process.kill('SIGCONT');
    await appendUntilDone(client, someEntry());
  });

  it('acknowledges what it has read when it is told to stop', async () => {
    const leaving = await audit.another();
    const writer = audit.client('resident', leaving);
    await appendUntilDone(writer, someEntry());
    const lock = await audit.pool.connect();
    await lock.query('begin; select from tree_head for update');
    // One turn, one message: when its commit waits for the lock, all of it was read.
    const entries = Array.from({ length: 200 }, () => someEntry());
    const appended = Promise.all(entries.map((entry) => writer.append(entry, 30_000)));
    while ((await backendsThatWait()) === 0) await sleep(RETRY_MS);
    leaving.child.process.kill('SIGTERM');
    await leaving.child.said('stopping');
    await lock.query('commit');
    lock.release();
    await assertHolds((await appended).map(({ index }, at) => [entries[at] as Entry, index]));
    assert.equal(await leaving.child.exit, 0);
  });

  async function backendsThatWait(): Promise<number> {
    const { rowCount } = await audit.pool.query(
      "select from pg_stat_activity where query like '%append_sealed%' and wait_event_type = 'Lock'",
    );
    return rowCount ?? 0;
  }
});
