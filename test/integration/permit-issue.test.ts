import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { type Application, ApplicationState, PermitState } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import type { MeshError } from '#mesh/errors.ts';
import { izinFor, ownGrant, type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;

describe('permits of the Walikota', () => {
  let service: PermitService;

  before(async () => {
    service = await startPermitService();
  });
  after(() => service.stop());

  const issue = async (application: Application, izin: Izin, requestId: string = randomUUID()) =>
    service.call(
      permits.issuePermit,
      { requestId, applicationId: application.applicationId, jws: await service.sign(izin) },
      walikotaGrant,
    );
  const get = (permitId: string, grant = ownGrant('DKK')) => service.call(permits.getPermit, { permitId }, grant);
  const stateOf = async (application: Application) => {
    const { answer } = await service.call(permits.getApplication, application, walikotaGrant);
    return answer.application?.state;
  };
  const policyLog = async () => {
    const { rows } = await service.pool.query<{ version: bigint; change: Buffer; digest: Buffer }>(
      'select version, change, digest from policy_log order by version',
    );
    return rows;
  };

  it('count from a version of the policy on, with the exact bytes that were signed', async () => {
    const application = await service.apply();
    const izin = izinFor(application);
    const { answer, auditIndex, callId } = await issue(application, izin);
    const { permit } = answer;
    assert.equal(permit?.state, PermitState.AWAITING_ACTIVATION);
    assert.deepEqual(permit?.izin, izin);
    assert.equal(permit?.jws, await service.sign(izin));
    assert.equal(await stateOf(application), ApplicationState.ISSUED);
    assert.deepEqual((await get(application.applicationId)).answer.permit, permit);

    const change = (await policyLog()).find(({ version }) => version === permit?.policyVersion)?.change;
    assert.ok(change);
    assert.deepEqual(PolicyChange.decode(change).change, {
      $case: 'permitIssued',
      value: { jws: permit?.jws, aktivasiJws: '' },
    });
    const leaf = service.log.leaves[Number(auditIndex)];
    assert.equal(leaf?.kind, Kind.POLICY);
    assert.deepEqual(leaf?.eventId, callId);
    assert.deepEqual(leaf?.policyChangeDigest, hash('sha256', change, 'buffer'));
    const submission = service.log.leaves.find(({ eventId }) => eventId.equals(leaf?.refersTo ?? Buffer.alloc(0)));
    assert.equal(submission?.method, permits.submitApplication.path);
  });

  it('ring the brokers’ bell', async () => {
    const before = service.rings();
    await service.permit();
    assert.equal(service.rings(), before + 2);
  });

  it('may grant less than was applied for, never more', async () => {
    const narrow = await service.apply();
    const { answer } = await issue(narrow, {
      ...izinFor(narrow),
      units: [{ unit: 'PKM-PAUH', regions: ['13.71.08.1001'] }],
      elements: [Element.NIK],
      quotaPerDay: 10,
    });
    assert.equal(answer.permit?.izin?.quotaPerDay, 10);

    const wide = await service.apply();
    const izin = izinFor(wide);
    await assert.rejects(
      issue(wide, { ...izin, elements: [...izin.elements, Element.NAMA_IBU] }),
      (error: Error) => /elements/.test(String(error.cause)) && reason('DOCUMENT_MISMATCH')(error as MeshError),
    );
    await assert.rejects(issue(wide, { ...izin, opd: 'DISDIK' }), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(issue(wide, { ...izin, permitId: narrow.applicationId }), reason('DOCUMENT_MISMATCH'));
    assert.equal(await stateOf(wide), ApplicationState.RECOMMENDED);
    await issue(wide, izin);
  });

  it('need the signature of the pinned certificate', async () => {
    const application = await service.apply();
    const other = await startPermitService();
    const jws = await other.sign(izinFor(application));
    await other.stop();
    const request = { requestId: randomUUID(), applicationId: application.applicationId, jws };
    await assert.rejects(service.call(permits.issuePermit, request, walikotaGrant), reason('SIGNATURE_INVALID'));
    assert.equal(service.log.leaves.at(-1)?.reason, 'SIGNATURE_INVALID');
    assert.equal(await stateOf(application), ApplicationState.RECOMMENDED);
  });

  it('are issued once', async () => {
    const application = await service.apply();
    await issue(application, izinFor(application));
    await assert.rejects(issue(application, izinFor(application)), reason('STATE_CONFLICT'));
    const unknown = { ...application, applicationId: randomUUID() };
    await assert.rejects(issue(unknown, izinFor(unknown)), reason('APPLICATION_NOT_FOUND'));
  });

  it('are shown to their OPD and to offices only, and listed by state', async () => {
    await service.permit();
    await service.permit();
    const permit = await service.permit();
    await assert.rejects(get(permit.permitId, ownGrant('DISDIK')), reason('PERMIT_NOT_FOUND'));
    assert.equal((await get(permit.permitId, walikotaGrant)).answer.permit?.permitId, permit.permitId);
    const list = async (state: PermitState, grant = ownGrant('DKK'), pageToken = '') =>
      (await service.call(permits.listPermits, { state, opd: '', pageSize: 2, pageToken }, grant)).answer;
    const first = await list(PermitState.ACTIVE);
    assert.equal(first.permits[0]?.permitId, permit.permitId);
    const second = await list(PermitState.ACTIVE, ownGrant('DKK'), first.nextPageToken);
    assert.ok(second.permits.every(({ permitId }) => first.permits.every((other) => other.permitId !== permitId)));
    await assert.rejects(
      list(PermitState.UNSPECIFIED, ownGrant('DKK'), first.nextPageToken),
      reason('PAGE_TOKEN_INVALID'),
    );
    assert.deepEqual((await list(PermitState.REVOKED)).permits, []);
    assert.deepEqual((await list(PermitState.ACTIVE, ownGrant('DISDIK'))).permits, []);
  });

  it('chain every change of the policy to the one before', async () => {
    let digest: Buffer = Buffer.alloc(32);
    const changes = await policyLog();
    for (const [index, row] of changes.entries()) {
      digest = hash('sha256', Buffer.concat([digest, row.change]), 'buffer');
      assert.equal(row.version, BigInt(index + 1));
      assert.deepEqual(row.digest, digest);
    }
    const { rows } = await service.pool.query('select version, digest from policy_head');
    assert.deepEqual(rows, [{ version: BigInt(changes.length), digest }]);
  });
});
