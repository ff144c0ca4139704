import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { type Permit, PermitState, SuspensionReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import type { MeshError } from '#mesh/errors.ts';
import { decide } from '../../broker/policy/decide.ts';
import { extendSnapshot } from '../../broker/policy/extend-snapshot.ts';
import { izinFor, ownGrant, type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';
import { at, requestOf, statuteOnly, verifyAgainst } from '../support/policy.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;

describe('activation of a permit', () => {
  let service: PermitService;
  let permit: Permit;

  before(async () => {
    service = await startPermitService();
  });
  beforeEach(async () => {
    service.log.away = false;
    permit = await issue();
  });
  after(() => service.stop());

  async function issue(): Promise<Permit> {
    const application = await service.apply();
    const jws = await service.sign(izinFor(application));
    const request = { requestId: randomUUID(), applicationId: application.applicationId, jws };
    const { answer } = await service.call(permits.issuePermit, request, walikotaGrant);
    assert.ok(answer.permit?.izin);
    return answer.permit;
  }
  async function signed(changes: Partial<Aktivasi> = {}, settings: { etag?: string } = {}) {
    assert.ok(permit.izin);
    const { permitId, etag } = permit;
    const jws = await service.signAktivasi(permit.izin, permit.jws, changes);
    return { requestId: randomUUID(), permitId, etag, jws, ...settings };
  }
  const activate = async (...what: Parameters<typeof signed>) =>
    service.call(permits.activatePermit, await signed(...what), walikotaGrant);
  const get = async (): Promise<Permit> => {
    const { answer } = await service.call(permits.getPermit, { permitId: permit.permitId }, ownGrant('DKK'));
    assert.ok(answer.permit);
    return answer.permit;
  };
  /** What a broker says that reads the whole policy. */
  async function brokerSays(): Promise<string> {
    const { rows } = await service.pool.query<{ change: Buffer }>('select change from policy_log order by version');
    const changes = rows.map(({ change }) => change);
    const snapshot = await extendSnapshot(statuteOnly, changes, verifyAgainst(service.pinned));
    const decision = decide(snapshot, requestOf({ permit: permit.permitId }), at(Date.now()));
    return decision.allowed ? 'allowed' : decision.reason;
  }

  it('comes after the issue, and only then is anything allowed', async () => {
    assert.equal(permit.state, PermitState.AWAITING_ACTIVATION);
    assert.equal(await brokerSays(), 'NOT_ACTIVATED');
    const { answer, auditIndex } = await activate();
    assert.equal(answer.permit?.state, PermitState.ACTIVE);
    assert.deepEqual(answer.permit.aktivasi?.systems, ['simpus']);
    assert(auditIndex !== undefined && answer.permit.policyVersion > permit.policyVersion);
    assert.equal(await brokerSays(), 'allowed');
    assert.equal((await get()).aktivasi?.pksNumber, '470/012/PKS/2026');
    permit = await get();
    await assert.rejects(activate(), reason('STATE_CONFLICT'));
  });

  it('counts only once it is recorded; the same request waits for the same', async () => {
    const request = await signed();
    const again = () => service.call(permits.activatePermit, request, walikotaGrant);
    service.log.away = true;
    await assert.rejects(again(), reason('AUDIT_UNAVAILABLE'));
    assert.equal(await brokerSays(), 'NOT_ACTIVATED');
    service.log.away = false;
    const { answer } = await again();
    assert.equal(answer.permit?.state, PermitState.ACTIVE);
    assert.equal(await brokerSays(), 'allowed');
  });

  it('takes only the document of this Izin, signed by the Walikota, of the permit that was read', async () => {
    const other = await issue();
    await assert.rejects(activate({ permitId: other.permitId }), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(activate({ version: 1 }), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(activate({ izinDigest: Buffer.alloc(32) }), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(activate({ conformityNumber: '470/1' }), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(activate({ networks: ['10.0.0.1/8'] }), reason('REQUEST_INVALID'));
    await assert.rejects(activate({ networks: ['10.0.0.0'] }), reason('REQUEST_INVALID'));
    await assert.rejects(activate({ pksNumber: '' }), reason('REQUEST_INVALID'));
    await assert.rejects(activate({}, { etag: '99' }), reason('ETAG_MISMATCH'));
    const { permitId, etag, jws } = permit;
    const request = { requestId: randomUUID(), permitId, etag, jws };
    await assert.rejects(service.call(permits.activatePermit, request, walikotaGrant), reason('SIGNATURE_INVALID'));
    assert.equal((await get()).state, PermitState.AWAITING_ACTIVATION);
    assert.equal(await brokerSays(), 'NOT_ACTIVATED');
  });

  it('ends with a suspension that comes before its record', async () => {
    service.log.away = true;
    await assert.rejects(activate(), reason('AUDIT_UNAVAILABLE'));
    const remarks = 'Sedang diperiksa.';
    const suspension = {
      requestId: randomUUID(),
      permitId: permit.permitId,
      reason: SuspensionReason.PEMERIKSAAN,
      remarks,
    };
    await service.call(permits.suspendPermit, suspension, walikotaGrant);
    service.log.away = false;
    await service.recorded();
    assert.equal((await get()).state, PermitState.SUSPENDED);
    assert.equal(await brokerSays(), 'PERMIT_SUSPENDED');
    permit = await get();
    const jws = await service.signPemulihan(permit);
    const reinstatement = { requestId: randomUUID(), permitId: permit.permitId, etag: permit.etag, jws };
    await service.call(permits.reinstatePermit, reinstatement, walikotaGrant);
    permit = await get();
    assert.equal(permit.state, PermitState.AWAITING_ACTIVATION);
    await activate();
    assert.equal((await get()).state, PermitState.ACTIVE);
  });
});
