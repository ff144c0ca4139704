import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { after, before, beforeEach, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { PermitState, RevocationReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import type { MeshError } from '#mesh/errors.ts';
import { ownGrant, type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';
import { TestBroker } from '../support/test-broker.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;

describe('revocation of a permit', () => {
  let service: PermitService;
  let permitId: string;

  before(async () => {
    service = await startPermitService();
  });
  beforeEach(async () => {
    service.log.away = false;
    service.clock.stopped = false;
    await service.pool.query('truncate broker_leases');
    permitId = (await service.permit()).permitId;
  });
  after(() => service.stop());

  const revoke = (requestId: string = randomUUID(), why: RevocationReason = RevocationReason.INSIDEN_KEAMANAN) =>
    service.call(permits.revokePermit, { requestId, permitId, reason: why }, walikotaGrant);

  /** Until the revocation under way has looked at the brokers a few times more. */
  async function untilItWaits(): Promise<void> {
    const seen = service.clock.sleeps + 3;
    while (service.clock.sleeps < seen) await setImmediate();
  }

  it('changes the policy and is recorded, at once when there is no broker', async () => {
    const issued = service.log.leaves.findLast(({ method }) => method === permits.issuePermit.path);
    const { answer, auditIndex, callId } = await revoke();
    assert.equal(answer.permit?.state, PermitState.REVOKED);
    assert.equal(answer.permit?.revocationReason, RevocationReason.INSIDEN_KEAMANAN);
    assert.ok(answer.permit?.revokeTime);
    assert.deepEqual([answer.brokersConfirmed, answer.brokersLapsed], [0, 0]);

    const { rows } = await service.pool.query<{ change: Buffer }>(
      'select change from policy_log order by version desc limit 1',
    );
    const change = rows[0]?.change ?? Buffer.alloc(0);
    const value = { permitId, reason: RevocationReason.INSIDEN_KEAMANAN };
    assert.deepEqual(PolicyChange.decode(change).change, { $case: 'permitRevoked', value });
    const leaf = service.log.leaves[Number(auditIndex)];
    assert.equal(leaf?.kind, Kind.POLICY);
    assert.deepEqual(leaf?.eventId, callId);
    assert.deepEqual(leaf?.refersTo, issued?.eventId);
    assert.deepEqual(leaf?.policyChangeDigest, hash('sha256', change, 'buffer'));
    assert.deepEqual(leaf?.narrows, { narrowing: { $case: 'change', value: change } });
  });

  it('waits for every living broker to show the new policy, and no longer', async () => {
    const brokers = [await new TestBroker(service).catchUp(), await new TestBroker(service).catchUp()];
    service.clock.stopped = true; // no time passes: only the brokers can end the wait
    let answered = false;
    const revocation = revoke().finally(() => {
      answered = true;
    });
    await untilItWaits();
    await brokers[0]?.catchUp();
    await untilItWaits();
    assert.equal(answered, false);
    await brokers[1]?.catchUp();
    const { answer } = await revocation;
    assert.deepEqual([answer.brokersConfirmed, answer.brokersLapsed], [2, 0]);
  });

  it('does not keep brokers from renewing while it waits', async () => {
    const [dead, alive] = [await new TestBroker(service).catchUp(), await new TestBroker(service).catchUp()];
    assert.ok(dead);
    service.clock.stopped = true;
    const revocation = revoke();
    await untilItWaits();
    await alive.catchUp();
    assert.equal((await alive.renew()).renewed, true);
    service.clock.stopped = false;
    const { answer } = await revocation;
    assert.deepEqual([answer.brokersConfirmed, answer.brokersLapsed], [1, 1]);
  });

  it('gives up on a dead broker when its lease is over for certain: after 3.1 s', async () => {
    await new TestBroker(service).catchUp();
    const startedMs = service.clock.nowMs();
    const { answer } = await revoke();
    assert.equal(service.clock.nowMs() - startedMs, 3_100);
    assert.deepEqual([answer.brokersConfirmed, answer.brokersLapsed], [0, 1]);
  });

  it('does not wait for a broker that was not seen for a minute', async () => {
    await new TestBroker(service).catchUp();
    await service.pool.query("update broker_leases set seen_at = seen_at - interval '61 seconds'");
    const { answer } = await revoke();
    assert.deepEqual([answer.brokersConfirmed, answer.brokersLapsed], [0, 0]);
  });

  it('gives no broker a lease on the old policy once it is committed', async () => {
    const broker = await new TestBroker(service).catchUp();
    await revoke();
    assert.equal((await broker.renew()).renewed, false);
  });

  it('waits again when it is asked again, and changes nothing more', async () => {
    await new TestBroker(service).catchUp();
    const requestId = randomUUID();
    const first = await revoke(requestId);
    for (const id of [requestId, randomUUID()]) {
      const startedMs = service.clock.nowMs();
      const again = await revoke(id);
      assert.equal(service.clock.nowMs() - startedMs, 3_100);
      assert.deepEqual(again.answer, first.answer);
      assert.equal(again.auditIndex, first.auditIndex);
    }
    const other = RevocationReason.PERMINTAAN_OPD;
    await assert.rejects(revoke(requestId, other), reason('REQUEST_ID_REUSED'));
    assert.equal(
      (await revoke(randomUUID(), other)).answer.permit?.revocationReason,
      RevocationReason.INSIDEN_KEAMANAN,
    );
  });

  it('changes the policy once when several are sent at the same moment', async () => {
    const count = async () => (await service.pool.query('select count(*)::int as n from policy_log')).rows[0].n;
    const before = await count();
    await Promise.all(Array.from({ length: 8 }, () => revoke()));
    assert.equal(await count(), before + 1);
  });

  it('works while the audit service is down, and is recorded when it is back', async () => {
    service.log.away = true;
    const { answer, auditIndex, callId } = await revoke();
    assert.equal(answer.permit?.state, PermitState.REVOKED);
    assert.equal(auditIndex, undefined);
    service.log.away = false;
    const again = await revoke();
    assert.deepEqual(service.log.leaves[Number(again.auditIndex)]?.eventId, callId);
  });

  it('rings the brokers’ bell, also when asked again', async () => {
    const before = service.rings();
    await revoke();
    await revoke();
    assert.equal(service.rings(), before + 2);
  });

  it('is not for permits outside the caller’s reach', async () => {
    const request = { requestId: randomUUID(), permitId, reason: RevocationReason.PERMINTAAN_OPD };
    await assert.rejects(service.call(permits.revokePermit, request, ownGrant('DISDIK')), reason('PERMIT_NOT_FOUND'));
    const unknown = { ...request, permitId: randomUUID() };
    await assert.rejects(service.call(permits.revokePermit, unknown, walikotaGrant), reason('PERMIT_NOT_FOUND'));
  });
});
