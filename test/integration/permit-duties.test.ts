import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'mocha';
import { Kind, type Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type Duty, DutyState, HandInOutcome, type LateDuty } from '#gen/rangkiang/permit/v1/duty.ts';
import { DutyServiceService as duties } from '#gen/rangkiang/permit/v1/duty_service.ts';
import { type Permit, PermitState, SuspensionReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import type { MeshError } from '#mesh/errors.ts';
import { decide } from '../../broker/policy/decide.ts';
import { dayAt, daysAfter, monthsAfter } from '../../services/permit/domain/day.ts';
import { installedPolicy } from '../support/installed-policy.ts';
import {
  disdukcapilGrant,
  izinFor,
  ownGrant,
  type PermitService,
  startPermitService,
  walikotaGrant,
} from '../support/permit-service.ts';
import { at, requestOf } from '../support/policy.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;

/** The first is due ten days from now, the next half a year later, and 14 days more one is only warned. */
const DUE_IN = 10;
const GRACE = 14;
const firstDue = daysAfter(dayAt(new Date()), DUE_IN);
const balikan = { kind: 'GOLONGAN_DARAH', firstDue, everyMonths: 6, graceDays: GRACE };

describe('duties of a permit', () => {
  let service: PermitService;
  let permit: Permit;

  before(async () => {
    service = await startPermitService();
  });
  beforeEach(async () => {
    service.log.away = false;
    service.calendar.daysAhead = 0;
    permit = await issue();
    await service.enforceDuties();
  });
  after(() => service.stop());

  async function issue(dataBalikan = [balikan], at = service): Promise<Permit> {
    const application = await at.apply();
    const jws = await at.sign(izinFor(application, { dataBalikan }));
    const request = { requestId: randomUUID(), applicationId: application.applicationId, jws };
    const { answer } = await at.call(permits.issuePermit, request, walikotaGrant);
    assert(answer.permit);
    return at.activate(answer.permit);
  }
  const get = async (permitId = permit.permitId): Promise<Permit> => {
    const { answer } = await service.call(permits.getPermit, { permitId }, ownGrant('DKK'));
    assert(answer.permit);
    return answer.permit;
  };
  const list = async (
    state: DutyState = DutyState.UNSPECIFIED,
    grant = ownGrant('DKK'),
    permitId = permit.permitId,
  ) => {
    const request = { state, opd: '', permitId, pageSize: 0, pageToken: '' };
    return (await service.call(duties.listDuties, request, grant)).answer.duties;
  };
  const first = async (state: DutyState = DutyState.UNSPECIFIED): Promise<Duty> => {
    const [duty] = await list(state);
    assert(duty);
    return duty;
  };
  const handIn = (duty: Duty, changes: object = {}, opd = 'DKK') =>
    service.call(
      duties.handIn,
      {
        requestId: randomUUID(),
        permitId: duty.permitId,
        kind: duty.kind,
        period: duty.period,
        etag: duty.etag,
        reference: '445/17/DKK/2026',
        summary: 'Golongan darah 1.204 pasien, diserahkan lewat SFTP.',
        ...changes,
      },
      ownGrant(opd),
    );
  const review = (duty: Duty, outcome: HandInOutcome, changes: object = {}, grant = disdukcapilGrant) =>
    service.call(
      duties.reviewHandIn,
      {
        requestId: randomUUID(),
        permitId: duty.permitId,
        kind: duty.kind,
        period: duty.period,
        etag: duty.etag,
        outcome,
        remarks: 'Sudah diperiksa bersama.',
        ...changes,
      },
      grant,
    );
  const reinstate = async () => {
    const suspended = await get();
    const { permitId, etag } = suspended;
    const jws = await service.signPemulihan(suspended);
    return service.call(permits.reinstatePermit, { requestId: randomUUID(), permitId, etag, jws }, walikotaGrant);
  };
  const inDays = async (days: number) => {
    service.calendar.daysAhead = days;
    await service.enforceDuties();
  };
  /** What brokers know of the permit, and what they say to a call under it. */
  async function brokersKnow(): Promise<{ says: string; late: readonly LateDuty[] }> {
    const known = await installedPolicy(service);
    const decision = decide(known, requestOf({ permit: permit.permitId }), at(Date.now()));
    const late = known.lateDuties.get(permit.permitId) ?? [];
    return { says: decision.allowed ? 'allowed' : decision.reason, late };
  }
  /** Changes of the policy that the service made of a permit, by kind and digest. */
  async function changesOf(permitId: string): Promise<{ kinds: string[]; digests: string[] }> {
    const { rows } = await service.pool.query<{ change: Buffer }>('select change from policy_log order by version');
    const own = rows.filter(({ change }) => {
      const value = PolicyChange.decode(change).change?.value;
      return value && 'permitId' in value && value.permitId === permitId;
    });
    return {
      kinds: own.map(({ change }) => PolicyChange.decode(change).change?.$case ?? ''),
      digests: own.map(({ change }) => hash('sha256', change, 'hex')),
    };
  }
  const kindsOf = async (permitId = permit.permitId) => (await changesOf(permitId)).kinds;
  /** Records of what the service itself did to the permit. */
  async function recordsByItself(): Promise<Leaf[]> {
    await service.recorded();
    return service.log.leaves.filter((leaf) => leaf.permit === permit.permitId);
  }

  it('are listed for the OPD its own, for Disdukcapil all', async () => {
    const duty = await first();
    assert.deepEqual(duty, {
      permitId: permit.permitId,
      number: permit.izin?.number,
      opd: 'DKK',
      kind: 'GOLONGAN_DARAH',
      period: firstDue,
      due: firstDue,
      graceEnd: daysAfter(firstDue, GRACE),
      state: DutyState.DUE,
      handedIn: undefined,
      etag: '0',
    });
    assert.deepEqual(await list(DutyState.UNSPECIFIED, ownGrant('DISDIK')), []);
    const all = await list(DutyState.DUE, disdukcapilGrant, '');
    assert(all.some(({ permitId }) => permitId === permit.permitId));
    const free = await service.permit();
    assert.deepEqual(await list(DutyState.UNSPECIFIED, disdukcapilGrant, free.permitId), []);
  });

  it('are handed in by the OPD and confirmed by Disdukcapil, each with its record', async () => {
    const duty = await first();
    const handed = await handIn(duty);
    const waiting = handed.answer.duty;
    assert(waiting?.handedIn);
    assert.equal(waiting.state, DutyState.HANDED_IN);
    assert.equal(waiting.handedIn.reference, '445/17/DKK/2026');
    assert.notEqual(waiting.etag, duty.etag);
    const confirmed = await review(waiting, HandInOutcome.CONFIRMED);
    assert.equal(confirmed.answer.duty?.state, DutyState.CONFIRMED);
    assert.equal(confirmed.answer.duty?.handedIn?.remarks, 'Sudah diperiksa bersama.');
    for (const [{ auditIndex, callId }, opd] of [
      [handed, 'DKK'],
      [confirmed, 'DISDUKCAPIL'],
    ] as const) {
      const leaf = service.log.leaves[Number(auditIndex)];
      assert.deepEqual([leaf?.kind, leaf?.opd, leaf?.eventId], [Kind.DUTY, opd, callId]);
    }
    assert.deepEqual(await list(), []);
    assert.equal((await list(DutyState.CONFIRMED)).length, 1);
    await inDays(DUE_IN + GRACE + 1);
    assert.equal((await first()).period, monthsAfter(firstDue, 6));
    assert.equal((await get()).state, PermitState.ACTIVE);
    assert.deepEqual(await kindsOf(), []);
  });

  it('are taken one step at a time, from the state that was read, and a repeated request answers the same', async () => {
    const duty = await first();
    await assert.rejects(review(duty, HandInOutcome.CONFIRMED), reason('STATE_CONFLICT'));
    await assert.rejects(handIn(duty, { period: '2020-01-01' }), reason('DUTY_NOT_FOUND'));
    await assert.rejects(handIn(duty, { kind: 'LAPORAN_SEMESTER' }), reason('DUTY_NOT_FOUND'));
    await assert.rejects(handIn(duty, {}, 'DISDIK'), reason('PERMIT_NOT_FOUND'));
    const requestId = randomUUID();
    service.log.away = true;
    await assert.rejects(handIn(duty, { requestId }), reason('AUDIT_UNAVAILABLE'));
    service.log.away = false;
    const again = await handIn(duty, { requestId });
    assert.equal(again.answer.duty?.etag, '1');
    await assert.rejects(handIn(duty, { requestId, reference: 'lain' }), reason('REQUEST_ID_REUSED'));
    await assert.rejects(handIn(duty), reason('ETAG_MISMATCH'));
    const waiting = await first();
    await assert.rejects(handIn(waiting), reason('STATE_CONFLICT'));
    const sent = await review(waiting, HandInOutcome.SENT_BACK);
    assert.equal(sent.answer.duty?.state, DutyState.DUE);
    await assert.rejects(review(waiting, HandInOutcome.CONFIRMED), reason('ETAG_MISMATCH'));
  });

  it('warn first: the OPD, offices, brokers and the log are told, and calls go on', async () => {
    await inDays(DUE_IN);
    assert.deepEqual(await brokersKnow(), { says: 'allowed', late: [] });
    await inDays(DUE_IN + 1);
    const late = [
      { kind: 'GOLONGAN_DARAH', period: firstDue, graceEnd: daysAfter(firstDue, GRACE), state: DutyState.LATE },
    ];
    assert.deepEqual(await brokersKnow(), { says: 'allowed', late });
    const warned = await get();
    assert.deepEqual(warned.lateDuties, late);
    assert.equal(warned.state, PermitState.ACTIVE);
    assert.equal(warned.etag, permit.etag);

    const [leaf, ...others] = await recordsByItself();
    assert.deepEqual(others, []);
    assert.deepEqual([leaf?.kind, leaf?.writer, leaf?.opd, leaf?.narrows], [Kind.POLICY, 'permit', '', undefined]);
    assert.deepEqual([leaf?.policyChangeDigest.toString('hex')], (await changesOf(permit.permitId)).digests);
    // Handing in ends the warning at once.
    await handIn(await first());
    assert.deepEqual(await brokersKnow(), { says: 'allowed', late: [] });
  });

  it('suspend the permit when the grace is over, and only what is confirmed lets it be reinstated', async () => {
    await inDays(DUE_IN + 1);
    await inDays(DUE_IN + GRACE + 1);
    const suspended = await get();
    assert.equal(suspended.state, PermitState.SUSPENDED);
    assert.equal(suspended.suspensionReason, SuspensionReason.KEWAJIBAN_TIDAK_DIPENUHI);
    assert.match(suspended.suspensionRemarks, new RegExp(`GOLONGAN_DARAH ${firstDue}`));
    assert.deepEqual(
      suspended.lateDuties.map(({ state }) => state),
      [DutyState.OVERDUE],
    );
    assert.equal((await brokersKnow()).says, 'PERMIT_SUSPENDED');
    assert.deepEqual(await kindsOf(), ['permitWarned', 'permitWarned', 'permitSuspended']);
    const records = await recordsByItself();
    assert(records.every((leaf) => leaf.kind === Kind.POLICY && leaf.writer === 'permit' && leaf.opd === ''));
    assert.deepEqual(
      records.map(({ narrows }) => narrows?.narrowing?.$case),
      [undefined, undefined, 'change'],
    );

    await assert.rejects(reinstate(), reason('DUTY_OPEN'));
    const { answer } = await handIn(await first());
    assert(answer.duty);
    await assert.rejects(reinstate(), reason('DUTY_OPEN'));
    // Sent back after the grace: no new one begins.
    const sent = await review(answer.duty, HandInOutcome.SENT_BACK);
    assert.equal(sent.answer.duty?.state, DutyState.OVERDUE);
    await assert.rejects(reinstate(), reason('DUTY_OPEN'));
    const anew = await handIn(await first());
    assert(anew.answer.duty);
    await review(anew.answer.duty, HandInOutcome.CONFIRMED);
    const lifted = await reinstate();
    assert.equal(lifted.answer.permit?.state, PermitState.ACTIVE);
    assert.equal(service.log.leaves[Number(lifted.auditIndex)]?.kind, Kind.POLICY);
    await service.enforceDuties();
    assert.deepEqual(await brokersKnow(), { says: 'allowed', late: [] });
  });

  it('suspend once, whoever of several replicas comes first, and also after a long downtime', async () => {
    const replica = await service.another();
    service.calendar.daysAhead = 250;
    const others = await Promise.all([issue(), issue(), issue()]);
    await Promise.all([service, replica, service, replica].map((each) => each.enforceDuties()));
    await service.enforceDuties();
    for (const { permitId } of [permit, ...others]) {
      assert.equal((await get(permitId)).state, PermitState.SUSPENDED);
      // Warned of before it is suspended, also when both come late.
      assert.deepEqual(await kindsOf(permitId), ['permitWarned', 'permitSuspended']);
    }
    await replica.stop();
  });

  it('are enforced whole or not at all when the process dies between, and then the next time', async () => {
    service.calendar.daysAhead = DUE_IN + GRACE + 1;
    const before = await kindsOf();
    await service.pool.query(
      `create function die() returns trigger language plpgsql as $$ begin raise exception 'dead'; end $$;
       create trigger die before update of suspension_id on permits for each row execute function die()`,
    );
    try {
      await assert.rejects(service.enforceDuties());
      assert.deepEqual(await kindsOf(), before);
      assert.equal((await get()).state, PermitState.ACTIVE);
    } finally {
      await service.pool.query('drop function die cascade');
    }
    await service.enforceDuties();
    assert.equal((await get()).state, PermitState.SUSPENDED);
    assert.deepEqual(await kindsOf(), ['permitWarned', 'permitSuspended']);
  });

  it('suspend also while the audit service is down, which is recorded when it is back', async () => {
    service.calendar.daysAhead = DUE_IN + GRACE + 1;
    service.log.away = true;
    await service.enforceDuties();
    assert.equal((await brokersKnow()).says, 'PERMIT_SUSPENDED');
    service.log.away = false;
    assert.equal((await recordsByItself()).length, 2);
  });

  it('go on in a renewal, which may owe more at once and less only when nothing is past its grace', async () => {
    const renew = async (dataBalikan: (typeof balikan)[]) => {
      const { permitId, etag, izin } = await get();
      assert(izin);
      const next = { ...izin, version: izin.version + 1, dataBalikan };
      const jws = await service.sign(next);
      const aktivasiJws = await service.signAktivasi(next, jws);
      const request = { requestId: randomUUID(), permitId, etag, jws, aktivasiJws };
      return service.call(permits.renewPermit, request, walikotaGrant);
    };
    // Owing more is a narrowing: the answer says that brokers have it.
    await renew([balikan, { ...balikan, kind: 'PEKERJAAN' }]);
    assert.equal((await list()).length, 2);
    await inDays(DUE_IN + 1);
    await renew([balikan]);
    await service.enforceDuties();
    assert.deepEqual(
      (await get()).lateDuties.map(({ kind }) => kind),
      ['GOLONGAN_DARAH'],
    );
  });

  it('come with the regime: the report of each semester under Permendagri 102/2019', async () => {
    const underDirjen = await startPermitService('PERMENDAGRI_102_2019');
    try {
      const { applicationId, etag } = await underDirjen.apply();
      const approval = { requestId: randomUUID(), applicationId, etag, dirjenLetter: '470/77/Dukcapil' };
      const { answer } = await underDirjen.call(permits.recordApproval, approval, disdukcapilGrant);
      assert(answer.application);
      const jws = await underDirjen.sign(izinFor(answer.application));
      await underDirjen.call(permits.issuePermit, { requestId: randomUUID(), applicationId, jws }, walikotaGrant);
      const request = { state: 0, opd: '', permitId: '', pageSize: 0, pageToken: '' } as const;
      const listed = await underDirjen.call(duties.listDuties, request, ownGrant('DKK'));
      const [report] = listed.answer.duties;
      assert.equal(report?.kind, 'LAPORAN_SEMESTER');
      assert.match(report.period, /^20\d\d-S[12]$/);
      assert.match(report.due, /^20\d\d-(06-30|12-31)$/);
      assert.equal(report.graceEnd, daysAfter(report.due, 30));
    } finally {
      await underDirjen.stop();
    }
  });
});
