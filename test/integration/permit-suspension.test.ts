import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type Permit, PermitState, RevocationReason, SuspensionReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { PolicyServiceService as policy } from '#gen/rangkiang/permit/v1/policy_service.ts';
import type { MeshError } from '#mesh/errors.ts';
import { verifyPemulihan } from '#mesh/izin.ts';
import { decide } from '../../broker/policy/decide.ts';
import { extendSnapshot, type Snapshot } from '../../broker/policy/snapshot.ts';
import { ownGrant, type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';
import { at, requestOf, statuteOnly, verifyAgainst } from '../support/policy.ts';
import { TestBroker } from '../support/test-broker.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;
const remarks = 'Laporan semester I belum masuk.';

describe('suspension of a permit', () => {
  let service: PermitService;
  let issued: Permit;

  before(async () => {
    service = await startPermitService();
  });
  beforeEach(async () => {
    service.log.away = false;
    service.clock.stopped = false;
    await service.pool.query('truncate broker_leases');
    issued = await service.permit();
  });
  after(() => service.stop());

  const suspend = (changes: { requestId?: string; etag?: string; permitId?: string } = {}) =>
    service.call(
      permits.suspendPermit,
      {
        requestId: randomUUID(),
        permitId: issued.permitId,
        reason: SuspensionReason.KEWAJIBAN_TIDAK_DIPENUHI,
        remarks,
        ...changes,
      },
      walikotaGrant,
    );
  const suspended = async (): Promise<Permit> => {
    const { answer } = await suspend();
    assert(answer.permit);
    return answer.permit;
  };
  const reinstate = (permit: Permit, jws: string, requestId: string = randomUUID()) =>
    service.call(
      permits.reinstatePermit,
      { requestId, permitId: permit.permitId, etag: permit.etag, jws },
      walikotaGrant,
    );
  const get = async (): Promise<Permit> => {
    const { answer } = await service.call(permits.getPermit, { permitId: issued.permitId }, walikotaGrant);
    assert(answer.permit);
    return answer.permit;
  };

  /** The policy as a broker has it that reads the whole log. */
  async function snapshot(): Promise<Snapshot> {
    const { rows } = await service.pool.query<{ change: Buffer }>('select change from policy_log order by version');
    return extendSnapshot(
      statuteOnly,
      rows.map(({ change }) => change),
      verifyAgainst(service.pinned),
      { verifyPemulihan: (jws) => verifyPemulihan(jws, service.pinned) },
    );
  }
  async function brokerSays(): Promise<string> {
    const decision = decide(await snapshot(), requestOf({ permit: issued.permitId }), at(Date.now()));
    return decision.allowed ? 'allowed' : decision.reason;
  }
  const newestChange = async () =>
    (await service.pool.query<{ change: Buffer }>('select change from policy_log order by version desc limit 1'))
      .rows[0]?.change ?? Buffer.alloc(0);

  it('stops it for every broker, tells why, and is recorded', async () => {
    assert.equal(await brokerSays(), 'allowed');
    const { answer, auditIndex, callId } = await suspend();
    assert.equal(answer.permit?.state, PermitState.SUSPENDED);
    assert.equal(answer.permit?.suspensionReason, SuspensionReason.KEWAJIBAN_TIDAK_DIPENUHI);
    assert.equal(answer.permit?.suspensionRemarks, remarks);
    assert(answer.permit?.suspendTime);
    assert.equal(await brokerSays(), 'PERMIT_SUSPENDED');
    const leaf = service.log.leaves[Number(auditIndex)];
    assert.equal(leaf?.kind, Kind.POLICY);
    assert.deepEqual(leaf?.eventId, callId);
    assert.deepEqual(leaf?.policyChangeDigest, hash('sha256', await newestChange(), 'buffer'));
    const own = await service.call(permits.getPermit, { permitId: issued.permitId }, ownGrant('DKK'));
    assert.equal(own.answer.permit?.suspensionRemarks, remarks);
    const request = { state: PermitState.SUSPENDED, opd: '', pageSize: 500, pageToken: '' };
    const { answer: listed } = await service.call(permits.listPermits, request, walikotaGrant);
    assert(listed.permits.some(({ permitId }) => permitId === issued.permitId));
  });

  it('waits for a dead broker until its lease is over, also when asked again', async () => {
    await new TestBroker(service).catchUp();
    for (const requestId of [randomUUID(), randomUUID()]) {
      const startedMs = service.clock.nowMs();
      const { answer } = await suspend({ requestId });
      assert.equal(service.clock.nowMs() - startedMs, 3_100);
      assert.deepEqual([answer.brokersConfirmed, answer.brokersLapsed], [0, 1]);
    }
    assert.equal((await snapshot()).version, issued.policyVersion + 1n);
  });

  it('works while the audit service is down, and is recorded when it is back', async () => {
    service.log.away = true;
    const { answer, auditIndex, callId } = await suspend();
    assert.equal(answer.permit?.state, PermitState.SUSPENDED);
    assert.equal(auditIndex, undefined);
    assert.equal(await brokerSays(), 'PERMIT_SUSPENDED');
    service.log.away = false;
    const again = await suspend();
    assert.deepEqual(service.log.leaves[Number(again.auditIndex)]?.eventId, callId);
  });

  it('gives out no quota', async () => {
    await suspend();
    const day = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
    const wish = { reservationId: randomUUID(), permitId: issued.permitId, day, rowsNeeded: 1 };
    await assert.rejects(service.call(policy.reserveQuota, wish), reason('PERMIT_SUSPENDED'));
  });

  it('is lifted by the signed document that names it, with its record', async () => {
    const permit = await suspended();
    const jws = await service.signPemulihan(permit);
    const { answer, auditIndex, callId } = await reinstate(permit, jws);
    assert.equal(answer.permit?.state, PermitState.ACTIVE);
    assert.equal(answer.permit?.suspensionId, '');
    assert.equal(await brokerSays(), 'allowed');
    const leaf = service.log.leaves[Number(auditIndex)];
    assert.deepEqual(leaf?.eventId, callId);
    assert.deepEqual(leaf?.policyChangeDigest, hash('sha256', await newestChange(), 'buffer'));
    await assert.rejects(reinstate(await get(), jws), reason('STATE_CONFLICT'));
  });

  it('is not lifted by anybody else, nor by a document for another suspension or permit', async () => {
    const permit = await suspended();
    const other = await startPermitService();
    const forged = await other.signPemulihan(permit);
    await other.stop();
    await assert.rejects(reinstate(permit, forged), reason('SIGNATURE_INVALID'));
    await assert.rejects(reinstate(permit, issued.jws), reason('SIGNATURE_INVALID'));
    const wrong = await service.signPemulihan({ ...permit, suspensionId: randomUUID() });
    await assert.rejects(reinstate(permit, wrong), reason('DOCUMENT_MISMATCH'));
    const foreign = await service.signPemulihan({ ...permit, permitId: randomUUID() });
    await assert.rejects(reinstate(permit, foreign), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(reinstate(issued, await service.signPemulihan(permit)), reason('ETAG_MISMATCH'));
    assert.equal(await brokerSays(), 'PERMIT_SUSPENDED');
  });

  it('is not lifted by a document that lifted an earlier one', async () => {
    const first = await suspended();
    const jws = await service.signPemulihan(first);
    await reinstate(first, jws);
    const second = await suspended();
    assert.notEqual(second.suspensionId, first.suspensionId);
    await assert.rejects(reinstate(second, jws), reason('DOCUMENT_MISMATCH'));
    assert.equal(await brokerSays(), 'PERMIT_SUSPENDED');
  });

  it('stands until the reinstatement is recorded; the same request then waits for the same', async () => {
    const permit = await suspended();
    const jws = await service.signPemulihan(permit);
    const requestId = randomUUID();
    service.log.away = true;
    await assert.rejects(reinstate(permit, jws, requestId), reason('AUDIT_UNAVAILABLE'));
    await assert.rejects(get(), reason('AUDIT_UNAVAILABLE')); // nobody reads without a record
    assert.equal(await brokerSays(), 'PERMIT_SUSPENDED');
    service.log.away = false;
    const { answer } = await reinstate(permit, jws, requestId);
    assert.equal(answer.permit?.state, PermitState.ACTIVE);
    assert.equal(await brokerSays(), 'allowed');
  });

  it('comes anew before a reinstatement that is signed and not recorded, which then lifts nothing', async () => {
    const permit = await suspended();
    service.log.away = true;
    await assert.rejects(reinstate(permit, await service.signPemulihan(permit)), reason('AUDIT_UNAVAILABLE'));
    const again = await suspended();
    assert.notEqual(again.suspensionId, permit.suspensionId);
    service.log.away = false;
    await reinstateNothing();
    assert.equal((await get()).state, PermitState.SUSPENDED);
    assert.equal(await brokerSays(), 'PERMIT_SUSPENDED');

    /** Until everything that waits for its record is recorded. */
    async function reinstateNothing(): Promise<void> {
      await service.permit();
      const { rows } = await service.pool.query('select from outbox where recorded_index is null');
      assert.equal(rows.length, 0);
    }
  });

  it('ends with a revocation, after which nothing reinstates', async () => {
    const permit = await suspended();
    const request = {
      requestId: randomUUID(),
      permitId: permit.permitId,
      reason: RevocationReason.INSIDEN_KEAMANAN,
      etag: issued.etag,
    };
    await assert.rejects(service.call(permits.revokePermit, request, walikotaGrant), reason('ETAG_MISMATCH'));
    const revocation = { ...request, requestId: randomUUID(), etag: permit.etag };
    await service.call(permits.revokePermit, revocation, walikotaGrant);
    const revoked = await get();
    await assert.rejects(reinstate(revoked, await service.signPemulihan(permit)), reason('STATE_CONFLICT'));
    await assert.rejects(suspend(), reason('STATE_CONFLICT'));
    assert.equal(await brokerSays(), 'PERMIT_REVOKED');
  });

  it('is for the caller’s reach, and for the permit that was read where an etag says so', async () => {
    await assert.rejects(suspend({ permitId: randomUUID() }), reason('PERMIT_NOT_FOUND'));
    await assert.rejects(suspend({ etag: 'x' }), reason('ETAG_MISMATCH'));
    await suspend({ etag: (await get()).etag });
  });
});
