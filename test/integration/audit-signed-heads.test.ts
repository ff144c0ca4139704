import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { leafHash } from '#mesh/leaf.ts';
import { openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, startAuditService } from '../support/audit-service.ts';
import { naiveRoot } from '../support/naive-tree.ts';

describe('signed heads', function () {
  this.timeout(120_000);
  let audit: AuditService;

  before(async () => {
    audit = await startAuditService();
  });

  after(() => audit.stop());

  /** The checkpoint of an acknowledgement on a new stream, which tells the newest. */
  async function newestCheckpoint(): Promise<string> {
    const stream = (await audit.broker()).duplex(AuditServiceService.append);
    stream.write({ entries: [] });
    const checkpoint = await new Promise<string>((resolve, reject) => {
      stream.on('data', (response) => resolve(response.checkpoint));
      stream.on('error', reject);
    });
    stream.removeAllListeners('error').on('error', () => {});
    stream.cancel();
    return checkpoint;
  }

  async function untilSigned(size: bigint) {
    for (;;) {
      const note = await newestCheckpoint();
      if (note !== '') {
        const head = openCheckpoint(note, verifierOf(audit.logKey));
        if (head.size >= size) return head;
      }
      await sleep(20);
    }
  }

  const rootOf = async (size: bigint) =>
    naiveRoot((await audit.entries()).slice(0, Number(size)).map(({ leafBytes }) => leafHash(leafBytes)));

  it('follow what is committed, by the root of RFC 6962, and travel with acknowledgements', async () => {
    const client = audit.client('resident');
    for (const count of [1, 300, 700]) {
      await Promise.all(Array.from({ length: count }, () => client.append(someEntry(), 30_000)));
      const head = await untilSigned(BigInt((await audit.entries()).length));
      assert.deepEqual(head.root, await rootOf(head.size));
    }
  });

  it('go on after kills of the signer and the service', async () => {
    const client = audit.client('resident');
    await audit.signer.kill();
    await client.append(someEntry(), 30_000);
    await audit.signer.start();
    const size = BigInt((await audit.entries()).length);
    assert.deepEqual((await untilSigned(size)).root, await rootOf(size));
    await audit.first.kill();
    await audit.first.start();
    await audit.client('permit').append(someEntry(), 30_000);
    await untilSigned(size + 1n);
  });

  it('are signed once by two replicas', async () => {
    const second = await audit.another();
    const clients = [audit.client('resident'), audit.client('broker', second)];
    await Promise.all(
      clients.flatMap((client) => Array.from({ length: 200 }, () => client.append(someEntry(), 30_000))),
    );
    const size = BigInt((await audit.entries()).length);
    assert.deepEqual((await untilSigned(size)).root, await rootOf(size));
    await second.kill();
  });

  it('need a Postgres that keeps what is committed, and a role that cannot change it', async () => {
    const name = new URL(audit.databaseUrl).pathname.slice(1);
    const breaches: readonly [string, string, RegExp][] = [
      [
        `alter database ${name} set synchronous_commit = off`,
        `alter database ${name} reset synchronous_commit`,
        /synchronous_commit/,
      ],
      ['grant update on entry to rangkiang_audit', 'revoke update on entry from rangkiang_audit', /update entry/],
      ['grant update (leaf) on entry to public', 'revoke update (leaf) on entry from public', /column of entry/],
      [
        'grant delete on tree_node to rangkiang_audit',
        'revoke delete on tree_node from rangkiang_audit',
        /delete tree/,
      ],
    ];
    for (const [breach, mend, words] of breaches) {
      await audit.pool.query(breach);
      const failed = audit.launch();
      const { err } = (await failed.said('the start failed')) as unknown as { err: { message: string } };
      assert.match(JSON.stringify(err), words);
      assert.equal(await failed.exit, 1);
      await audit.pool.query(mend);
    }
    const works = await audit.another();
    await works.kill();
  });

  it('refuse a database that lost its newest entries', async () => {
    const size = BigInt((await audit.entries()).length);
    await untilSigned(size);
    await audit.first.kill();
    const { rows: lost } = await audit.pool.query('delete from entry where index >= $1 returning *', [size - 2n]);
    assert.equal(lost.length, 2);
    await audit.pool.query('update tree_head set size = size - 2');
    const failed = audit.launch();
    assert.equal((await failed.said('the start failed')).level, 'fatal');
    assert.equal(await failed.exit, 1);
  });
});
