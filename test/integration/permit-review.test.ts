import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { ReviewOutcome } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { type Application, ApplicationState, PermitState } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import type { MeshError } from '#mesh/errors.ts';
import {
  disdukcapilGrant,
  healthContent,
  izinFor,
  ownGrant,
  type PermitService,
  startPermitService,
  walikotaGrant,
} from '../support/permit-service.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;

describe('the way of an application to the Walikota', () => {
  let service: PermitService;
  let underDirjen: PermitService;

  before(async () => {
    service = await startPermitService();
    underDirjen = await startPermitService('PERMENDAGRI_102_2019');
  });
  after(async () => {
    await service.stop();
    await underDirjen.stop();
  });

  const review = (application: Application, changes: object = {}, grant = disdukcapilGrant) =>
    service.call(
      permits.reviewApplication,
      {
        requestId: randomUUID(),
        applicationId: application.applicationId,
        etag: application.etag,
        outcome: ReviewOutcome.RECOMMENDED,
        remarks: 'Elemen sesuai dengan tujuan.',
        ...changes,
      },
      grant,
    );
  const resubmit = ({ applicationId, etag }: Application, changes: Partial<typeof healthContent>, opd = 'DKK') =>
    service.call(
      permits.resubmitApplication,
      { requestId: randomUUID(), applicationId, etag, content: { ...healthContent, ...changes } },
      ownGrant(opd),
    );
  const issue = async (at: PermitService, application: Application, etag: string | undefined = application.etag) => {
    const jws = await at.sign(izinFor(application));
    const request = { requestId: randomUUID(), applicationId: application.applicationId, jws, etag };
    return at.call(permits.issuePermit, request, walikotaGrant);
  };

  it('goes through Disdukcapil: nothing is issued that was not reviewed', async () => {
    const application = await service.submit();
    await assert.rejects(issue(service, application), reason('REVIEW_REQUIRED'));
    const { answer, auditIndex, callId } = await review(application);
    const reviewed = answer.application;
    assert(reviewed);
    assert.equal(reviewed.state, ApplicationState.RECOMMENDED);
    assert.equal(reviewed.reviewRemarks, 'Elemen sesuai dengan tujuan.');
    assert(reviewed.reviewTime);
    assert.notEqual(reviewed.etag, application.etag);
    const leaf = service.log.leaves[Number(auditIndex)];
    assert.deepEqual(leaf?.eventId, callId);
    assert.equal(leaf?.kind, Kind.APPLICATION);
    assert.equal(leaf?.opd, 'DISDUKCAPIL');
    assert.equal((await issue(service, reviewed)).answer.permit?.state, PermitState.AWAITING_ACTIVATION);
  });

  it('goes back to the OPD with remarks, which changes it, and is then reviewed again', async () => {
    const application = await service.submit({ elements: [Element.NIK, Element.AGAMA] });
    const asked = await service.review(application, ReviewOutcome.CHANGES_REQUESTED);
    assert.equal(asked.state, ApplicationState.CHANGES_REQUESTED);
    await assert.rejects(issue(service, asked), reason('REVIEW_REQUIRED'));
    await assert.rejects(review(asked), reason('STATE_CONFLICT'));
    await assert.rejects(resubmit(asked, {}, 'DISDIK'), reason('APPLICATION_NOT_FOUND'));
    await assert.rejects(resubmit(asked, { methods: ['/x.v1.X/Y'] }), reason('REQUEST_INVALID'));

    const { answer } = await resubmit(asked, { elements: [Element.NIK] });
    const changed = answer.application;
    assert(changed);
    assert.deepEqual(changed.content?.elements, [Element.NIK]);
    assert.equal(changed.state, ApplicationState.SUBMITTED);
    assert.equal(changed.reviewRemarks, asked.reviewRemarks);
    await assert.rejects(issue(service, changed), reason('REVIEW_REQUIRED'));
    // What was signed before the change is not what was reviewed.
    const recommended = await service.review(changed);
    const jws = await service.sign(izinFor(application));
    const early = { requestId: randomUUID(), applicationId: application.applicationId, jws };
    await assert.rejects(service.call(permits.issuePermit, early, walikotaGrant), reason('DOCUMENT_MISMATCH'));
    await issue(service, recommended);
  });

  it('lets nobody decide from what has changed since it was read', async () => {
    const application = await service.submit();
    const asked = await service.review(application, ReviewOutcome.CHANGES_REQUESTED);
    const { answer } = await resubmit(asked, { quotaPerDay: 10 });
    assert(answer.application);
    await assert.rejects(review(application), reason('ETAG_MISMATCH'));
    await assert.rejects(review(asked), reason('ETAG_MISMATCH'));
    const recommended = await service.review(answer.application);
    await assert.rejects(issue(service, recommended, asked.etag), reason('ETAG_MISMATCH'));
    const rejection = {
      requestId: randomUUID(),
      applicationId: application.applicationId,
      reason: 'Belum jelas benar',
    };
    await assert.rejects(
      service.call(permits.rejectApplication, { ...rejection, etag: asked.etag }, walikotaGrant),
      reason('ETAG_MISMATCH'),
    );
  });

  it('takes one of two reviews at the same moment', async () => {
    const application = await service.submit();
    const outcomes = await Promise.allSettled([
      review(application, { outcome: ReviewOutcome.CHANGES_REQUESTED }),
      review(application),
    ]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    assert.equal(refused?.reason.reason, 'ETAG_MISMATCH');
  });

  it('answers a repeated request with the same record, also when the audit service was away', async () => {
    const application = await service.submit();
    const requestId = randomUUID();
    service.log.away = true;
    await assert.rejects(review(application, { requestId }), reason('AUDIT_UNAVAILABLE'));
    service.log.away = false;
    const first = await review(application, { requestId });
    const again = await review(application, { requestId });
    assert.deepEqual(again.answer, first.answer);
    assert.equal(again.auditIndex, first.auditIndex);
    await assert.rejects(
      review(application, { requestId, remarks: 'Sesuatu yang lain.' }),
      reason('REQUEST_ID_REUSED'),
    );
  });

  it('waits for the Dirjen under Permendagri 102/2019, whose letter the Izin names', async () => {
    const reviewed = await underDirjen.apply();
    await assert.rejects(issue(underDirjen, reviewed), reason('APPROVAL_REQUIRED'));
    const { applicationId, etag } = reviewed;
    const approval = { requestId: randomUUID(), applicationId, etag, dirjenLetter: '470/77/Dukcapil' };
    const { answer } = await underDirjen.call(permits.recordApproval, approval, disdukcapilGrant);
    const approved = answer.application;
    assert(approved);
    assert.equal(approved.state, ApplicationState.APPROVED);
    assert.equal(approved.dirjenLetter, '470/77/Dukcapil');
    await assert.rejects(issue(underDirjen, { ...approved, dirjenLetter: '' }), reason('DOCUMENT_MISMATCH'));
    const { permit } = (await issue(underDirjen, approved)).answer;
    assert.equal(permit?.izin?.dirjenLetter, '470/77/Dukcapil');
  });

  it('knows no Dirjen under Permendagri 61/2015', async () => {
    const { applicationId, etag } = await service.apply();
    const approval = { requestId: randomUUID(), applicationId, etag, dirjenLetter: '470/77/Dukcapil' };
    await assert.rejects(service.call(permits.recordApproval, approval, disdukcapilGrant), reason('STATE_CONFLICT'));
  });
});
