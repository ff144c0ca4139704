import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { ApplicationState } from '#gen/rangkiang/permit/v1/permit.ts';
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

describe('applications to the Walikota', () => {
  let service: PermitService;

  before(async () => {
    service = await startPermitService();
  });
  after(() => service.stop());

  const submit = (opd: string, changes: Partial<typeof healthContent> = {}) =>
    service.call(
      permits.submitApplication,
      { requestId: randomUUID(), content: { ...healthContent, ...changes } },
      ownGrant(opd),
    );
  const get = (applicationId: string, grant: Parameters<PermitService['call']>[2]) =>
    service.call(permits.getApplication, { applicationId }, grant);
  const reject = (applicationId: string, text = 'Tujuan belum jelas') =>
    service.call(permits.rejectApplication, { requestId: randomUUID(), applicationId, reason: text }, walikotaGrant);

  it('know the 49 agencies of the city', async () => {
    const { rows } = await service.pool.query('select count(*) as agencies from opd');
    assert.deepEqual(rows, [{ agencies: 49n }]);
  });

  it('are taken in for the OPD that the broker names, with a record by the call id', async () => {
    const { answer, auditIndex, callId } = await submit('DKK');
    assert.equal(answer.application?.opd, 'DKK');
    assert.equal(answer.application?.state, ApplicationState.SUBMITTED);
    assert.deepEqual(answer.application?.content, healthContent);
    const leaf = service.log.leaves[Number(auditIndex)];
    assert.deepEqual(leaf?.eventId, callId);
    assert.equal(leaf?.kind, Kind.APPLICATION);
    assert.equal(leaf?.opd, 'DKK');
    assert.equal(leaf?.method, permits.submitApplication.path);
    assert.equal(leaf?.writer, 'permit');
  });

  it('are refused from an agency that is not registered', async () => {
    await assert.rejects(submit('DINAS_LAIN'), reason('OPD_UNKNOWN'));
  });

  it('are refused when nobody could grant a method, or a unit is named twice', async () => {
    const cases: [Partial<typeof healthContent>, string][] = [
      [{ methods: ['/rangkiang.resident.v1.ResidentService/DeleteAll'] }, 'content.methods[0]'],
      [{ methods: ['/rangkiang.resident.v1.RegistryService/ImportResidents'] }, 'content.methods[0]'],
      [{ methods: ['/rangkiang.permit.v1.PolicyService/Renew'] }, 'content.methods[0]'],
      [{ units: [...healthContent.units, { unit: 'PKM-PAUH', regions: [] }] }, 'content.units[2].unit'],
    ];
    for (const [changes, field] of cases) {
      await assert.rejects(submit('DKK', changes), (error: Error) => {
        assert.match(String(error.cause), new RegExp(field.replace(/[[\].]/g, '\\$&')));
        return reason('REQUEST_INVALID')(error as MeshError);
      });
    }
  });

  it('are shown to their own OPD and to offices, and to others not even as existing', async () => {
    const { answer } = await submit('DISDIK');
    const id = answer.application?.applicationId ?? '';
    assert.equal((await get(id, ownGrant('DISDIK'))).answer.application?.opd, 'DISDIK');
    assert.equal((await get(id, walikotaGrant)).answer.application?.opd, 'DISDIK');
    await assert.rejects(get(id, ownGrant('DKK')), reason('APPLICATION_NOT_FOUND'));
    await assert.rejects(get(id, { ...ownGrant('DISDIK'), scope: Scope.UNSPECIFIED }), reason('APPLICATION_NOT_FOUND'));
    await assert.rejects(get(randomUUID(), walikotaGrant), reason('APPLICATION_NOT_FOUND'));
  });

  it('are listed newest first, page by page, within the caller’s scope', async () => {
    const ids: string[] = [];
    for (const opd of ['BAPENDA', 'DINSOS', 'BAPENDA', 'BAPENDA']) {
      const { answer } = await submit(opd);
      if (opd === 'BAPENDA') ids.unshift(answer.application?.applicationId ?? '');
    }
    const list = async (pageToken: string, grant = ownGrant('BAPENDA'), opd = '') =>
      (await service.call(permits.listApplications, { state: 0, opd, pageSize: 2, pageToken }, grant)).answer;

    const first = await list('');
    const second = await list(first.nextPageToken);
    const listed = [...first.applications, ...second.applications].map(({ applicationId }) => applicationId);
    assert.deepEqual(listed, ids);
    assert.equal(first.applications.length, 2);
    assert.equal(second.nextPageToken, '');

    assert.deepEqual((await list('', ownGrant('BAPENDA'), 'DINSOS')).applications, []);
    assert.deepEqual((await list('', { ...walikotaGrant, scope: Scope.UNSPECIFIED })).applications, []);
    const all = await list('', walikotaGrant, 'DINSOS');
    assert.deepEqual(
      all.applications.map(({ opd }) => opd),
      ['DINSOS'],
    );
    await assert.rejects(list(first.nextPageToken, walikotaGrant), reason('PAGE_TOKEN_INVALID'));
    await assert.rejects(list('AAAA'), reason('PAGE_TOKEN_INVALID'));
  });

  it('are listed in pages that fit one answer, however large they are', async () => {
    const codes = Array.from({ length: 100 }, (_, n) => `13.71.01.${1000 + n}`);
    const units = Array.from({ length: 500 }, (_, n) => ({ unit: `PKM-${n}`, regions: codes }));
    const ids: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      const { answer } = await submit('DKP', { units });
      ids.unshift(answer.application?.applicationId ?? '');
    }
    const listed: string[] = [];
    let pageToken = '';
    do {
      const request = { state: 0, opd: '', pageSize: 500, pageToken } as const;
      const { answer } = await service.call(permits.listApplications, request, ownGrant('DKP'));
      listed.push(...answer.applications.map(({ applicationId }) => applicationId));
      pageToken = answer.nextPageToken;
    } while (pageToken);
    assert.deepEqual(listed, ids);
  });

  it('are rejected once, with the reason, and then stay decided', async () => {
    const application = await service.apply();
    const { answer, auditIndex, callId } = await reject(application.applicationId);
    assert.equal(answer.application?.state, ApplicationState.REJECTED);
    assert.equal(answer.application?.rejection, 'Tujuan belum jelas');
    assert.ok(answer.application?.decideTime);
    assert.deepEqual(service.log.leaves[Number(auditIndex)]?.eventId, callId);

    await assert.rejects(reject(application.applicationId), reason('STATE_CONFLICT'));
    const jws = await service.sign(izinFor(application));
    const issue = { requestId: randomUUID(), applicationId: application.applicationId, jws };
    await assert.rejects(service.call(permits.issuePermit, issue, walikotaGrant), reason('STATE_CONFLICT'));
    await assert.rejects(reject(randomUUID()), reason('APPLICATION_NOT_FOUND'));
  });

  it('are not decided by an OPD about another', async () => {
    const application = await service.apply();
    const request = { requestId: randomUUID(), applicationId: application.applicationId, reason: 'Tidak perlu lagi' };
    await assert.rejects(
      service.call(permits.rejectApplication, request, ownGrant('DISDIK')),
      reason('APPLICATION_NOT_FOUND'),
    );
  });
});
