import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import type { RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import { PolicyServiceService as policy } from '#gen/rangkiang/permit/v1/policy_service.ts';
import { nextDigest } from '#mesh/policy-chain.ts';
import { inTransaction } from '#mesh/sql.ts';
import { appendChange } from '../../services/permit/store/policy.ts';
import { type PermitService, startPermitService } from '../support/permit-service.ts';
import { TestBroker } from '../support/test-broker.ts';

describe('leases of brokers on the policy', () => {
  let service: PermitService;

  before(async () => {
    service = await startPermitService();
  });
  after(() => service.stop());

  it('are given only for the policy that counts, and else tell what to install', async () => {
    const broker = new TestBroker(service);
    const start = await broker.renew();
    assert.equal(start.renewed, false); // it does not know the incarnation yet
    await service.permit();
    const told = await broker.renew();
    assert.equal(told.renewed, false);
    assert.equal(told.changes.length, Number(told.version));
    broker.install(told);
    const renewed = await broker.renew();
    assert.equal(renewed.renewed, true);
    assert.deepEqual(renewed.changes, []);
    assert.equal(renewed.leaseMs, 3_000);

    await service.permit();
    const behind = await broker.renew();
    assert.equal(behind.renewed, false);
    assert.equal(behind.changes.length, 2, 'its issue and its activation');
    broker.install(behind);
    assert.equal((await broker.renew()).renewed, true);
  });

  it('are refused to a broker with another digest or another incarnation', async () => {
    const broker = await new TestBroker(service).catchUp();
    const good = { ...broker.installed };
    broker.installed = { ...good, digest: hash('sha256', 'other', 'buffer') };
    assert.equal((await broker.renew()).renewed, false);
    broker.installed = { ...good, incarnation: randomUUID() };
    const foreign = await broker.renew();
    assert.equal(foreign.renewed, false);
    assert.equal(foreign.changes.length, Number(foreign.version));
    broker.installed = { ...good, version: good.version + 1n };
    assert.equal((await broker.renew()).renewed, false);
    broker.installed = good;
    assert.equal((await broker.renew()).renewed, true);
  });

  it('wait for a change that is being committed, and then see it', async () => {
    const broker = await new TestBroker(service).catchUp();
    let renewal: Promise<RenewResponse> | undefined;
    await inTransaction(service.pool, async (client) => {
      await appendChange(client, Buffer.from('narrowing'));
      renewal = broker.renew();
      await untilSomebodyWaits(service);
    });
    assert.equal((await renewal)?.renewed, false);
  });

  it('tell the brokers of the last 60 s, each once', async () => {
    await service.pool.query('truncate broker_leases');
    const [first, second] = [await new TestBroker(service).catchUp(), await new TestBroker(service).catchUp()];
    assert.equal((await first.renew()).brokers, 2);
    await service.pool.query("update broker_leases set seen_at = seen_at - interval '61 seconds'");
    assert.equal((await second.renew()).brokers, 1);
    assert.equal((await second.renew()).brokers, 1);
    assert.equal((await first.renew()).brokers, 2);
  });

  it('tell the time of the database, by which permits begin and end', async () => {
    const now = async () => (await service.pool.query('select clock_timestamp() as now')).rows[0].now;
    const broker = await new TestBroker(service).catchUp();
    const [earliest, { authorityTime }, latest] = [await now(), await broker.renew(), await now()];
    assert.ok(authorityTime && earliest <= authorityTime && authorityTime <= latest);
  });

  it('give a long history in parts that fit one answer', async () => {
    const before = await service.pool.query<{ version: bigint; digest: Buffer }>('select * from policy_head');
    let { version, digest } = before.rows[0] ?? assert.fail();
    const history = [
      ...Array.from({ length: 1_050 }, (_, i) => Buffer.from(`small ${i}`)),
      ...Array.from({ length: 30 }, (_, i) => Buffer.alloc(200_000, i)),
    ].map((change) => {
      version += 1n;
      digest = nextDigest(digest, change);
      return { version, change, digest };
    });
    await service.pool.query(
      'insert into policy_log (version, change, digest) select * from unnest($1::bigint[], $2::bytea[], $3::bytea[])',
      [history.map((row) => row.version), history.map((row) => row.change), history.map((row) => row.digest)],
    );
    await service.pool.query('update policy_head set version = $1, digest = $2', [version, digest]);

    const broker = new TestBroker(service);
    const parts: number[] = [];
    for (let told = await broker.renew(); !told.renewed; told = await broker.renew()) {
      parts.push(told.changes.length);
      assert.ok(told.changes.reduce((sum, change) => sum + change.length, 0) < 2_200_000);
      broker.install(told);
    }
    assert.equal(parts[0], 1_000);
    assert.equal(
      parts.reduce((sum, part) => sum + part, 0),
      Number(version),
    );
    assert.ok(parts.length > 3);
  });

  it('keep the head equal to the chain of all changes', async () => {
    const changes = await service.pool.query<{ change: Buffer }>('select change from policy_log order by version');
    const digest = changes.rows.reduce<Buffer>((before, { change }) => nextDigest(before, change), Buffer.alloc(32));
    const head = await service.pool.query('select version, digest from policy_head');
    assert.deepEqual(head.rows, [{ version: BigInt(changes.rows.length), digest }]);
  });

  it('are refused on a request that is no broker’s', async () => {
    const request = { brokerSession: 'none', incarnation: '', version: 0n, digest: Buffer.alloc(32) };
    await assert.rejects(service.call(policy.renew, request), /REQUEST_INVALID/);
  });
});

/** Until another connection waits for a lock that this test's transaction holds. */
async function untilSomebodyWaits(service: PermitService): Promise<void> {
  for (;;) {
    const { rowCount } = await service.pool.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rowCount) return;
  }
}
