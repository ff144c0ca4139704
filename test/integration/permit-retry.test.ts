import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'mocha';
import { ApplicationState, PermitState } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import type { MeshError } from '#mesh/errors.ts';
import {
  healthContent,
  izinFor,
  ownGrant,
  type PermitService,
  startPermitService,
  walikotaGrant,
} from '../support/permit-service.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;

describe('repeated requests and crashes', () => {
  let service: PermitService;

  before(async () => {
    service = await startPermitService();
  });
  beforeEach(() => {
    service.log.away = false;
  });
  after(() => service.stop());

  const submit = (requestId: string, changes = {}, opd = 'DKK') =>
    service.call(permits.submitApplication, { requestId, content: { ...healthContent, ...changes } }, ownGrant(opd));
  const countOf = async (table: string) =>
    (await service.pool.query(`select count(*)::int as n from ${table}`)).rows[0].n;

  /** An application, and the request that grants it. */
  async function granting() {
    const application = await service.apply();
    const jws = await service.sign(izinFor(application));
    const request = { requestId: randomUUID(), applicationId: application.applicationId, jws };
    return { application, request, issue: () => service.call(permits.issuePermit, request, walikotaGrant) };
  }
  const stateOf = async (applicationId: string) => {
    const { rows } = await service.pool.query('select state from applications where application_id = $1', [
      applicationId,
    ]);
    return rows[0].state;
  };
  const get = (permitId: string) => service.call(permits.getPermit, { permitId }, walikotaGrant);

  it('make one application of one request id, with one record', async () => {
    const requestId = randomUUID();
    const first = await submit(requestId);
    const records = service.log.leaves.length;
    const second = await submit(requestId);
    assert.deepEqual(second.answer, first.answer);
    assert.equal(second.auditIndex, first.auditIndex);
    assert.equal(service.log.leaves.length, records);
  });

  it('make one application also of requests at the same moment', async () => {
    const applications = await countOf('applications');
    const requestId = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => submit(requestId)));
    assert.equal(new Set(answers.map(({ answer }) => answer.application?.applicationId)).size, 1);
    assert.equal(await countOf('applications'), applications + 1);
  });

  it('are told from other requests with the same id, but ids of different agencies do not meet', async () => {
    const requestId = randomUUID();
    const { answer } = await submit(requestId);
    const applicationId = answer.application?.applicationId ?? '';
    await assert.rejects(submit(requestId, { termMonths: 6 }), reason('REQUEST_ID_REUSED'));
    assert.notEqual((await submit(requestId, {}, 'DISDIK')).answer.application?.applicationId, applicationId);

    const rejection = { requestId: randomUUID(), applicationId, reason: 'Tujuan belum jelas' };
    const rejected = await service.call(permits.rejectApplication, rejection, walikotaGrant);
    assert.deepEqual((await service.call(permits.rejectApplication, rejection, walikotaGrant)).answer, rejected.answer);
    const revocation = { requestId: rejection.requestId, permitId: applicationId, reason: 1 } as const;
    await assert.rejects(service.call(permits.revokePermit, revocation, walikotaGrant), reason('REQUEST_ID_REUSED'));
  });

  it('continue an application whose record could not be committed', async () => {
    const requestId = randomUUID();
    const applications = await countOf('applications');
    service.log.away = true;
    await assert.rejects(submit(requestId), reason('AUDIT_UNAVAILABLE'));
    service.log.away = false;
    const { answer, auditIndex } = await submit(requestId);
    assert.equal(answer.application?.state, ApplicationState.SUBMITTED);
    assert.equal(service.log.leaves[Number(auditIndex)]?.requestId, '');
    assert.equal(await countOf('applications'), applications + 1);
  });

  it('give the permit that the first request made', async () => {
    const { issue } = await granting();
    const first = await issue();
    const changes = await countOf('policy_log');
    const second = await issue();
    assert.deepEqual(second.answer, first.answer);
    assert.equal(second.auditIndex, first.auditIndex);
    assert.equal(await countOf('policy_log'), changes);
  });

  it('let no permit count before its record is committed, and complete it when asked again', async () => {
    const { application, issue } = await granting();
    const changes = await countOf('policy_log');
    service.log.away = true;
    await assert.rejects(issue(), reason('AUDIT_UNAVAILABLE'));
    assert.equal(await stateOf(application.applicationId), ApplicationState.ISSUING);
    assert.equal(await countOf('policy_log'), changes);

    service.log.away = false;
    await assert.rejects(get(application.applicationId), reason('PERMIT_NOT_FOUND'));
    const revocation = { requestId: randomUUID(), permitId: application.applicationId, reason: 1 } as const;
    await assert.rejects(service.call(permits.revokePermit, revocation, walikotaGrant), reason('STATE_CONFLICT'));

    const { answer } = await issue();
    assert.equal(answer.permit?.state, PermitState.AWAITING_ACTIVATION);
    assert.equal(await countOf('policy_log'), changes + 1);
  });

  it('complete the permit in the next process when one died between the record and its effect', async () => {
    const { application, issue } = await granting();
    service.log.mute = true;
    await assert.rejects(issue(), reason('AUDIT_UNAVAILABLE'));
    const record = service.log.leaves.length - 1;
    assert.equal(service.log.leaves[record]?.method, permits.issuePermit.path);
    assert.equal(await stateOf(application.applicationId), ApplicationState.ISSUING);

    await service.stop();
    service.log.mute = false;
    service = await service.another();
    const { answer, auditIndex } = await issue();
    assert.equal(answer.permit?.permitId, application.applicationId);
    assert.equal(auditIndex, BigInt(record));
    assert.equal(await stateOf(application.applicationId), ApplicationState.ISSUED);
  });

  it('complete at the start of a process also what nobody asks for again', async () => {
    const { application, issue } = await granting();
    service.log.away = true;
    await assert.rejects(issue(), reason('AUDIT_UNAVAILABLE'));
    await service.stop();
    service.log.away = false;
    service = await service.another();
    const later = await service.permit(); // its record passes the same outbox, after what was left there
    const earlier = (await get(application.applicationId)).answer.permit;
    assert.ok(earlier && earlier.policyVersion < later.policyVersion);
  });

  it('are known to every replica', async () => {
    const requestId = randomUUID();
    const first = await submit(requestId);
    const replica = await service.another();
    const second = await replica.call(
      permits.submitApplication,
      { requestId, content: healthContent },
      ownGrant('DKK'),
    );
    assert.deepEqual(second.answer, first.answer);
    await replica.stop();
  });
});
