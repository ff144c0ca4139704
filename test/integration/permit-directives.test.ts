import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { after, before, beforeEach, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { type DirectiveState, type DirectiveTarget, LiftOrder } from '#gen/rangkiang/permit/v1/directive.ts';
import { DirectiveServiceService as directives } from '#gen/rangkiang/permit/v1/directive_service.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { printJson } from '#mesh/contract.ts';
import type { MeshError } from '#mesh/errors.ts';
import { signIzin } from '#mesh/izin.ts';
import { signLiftOrder } from '#mesh/lift-order.ts';
import { testCertificates } from '../support/certificates.ts';
import { ownGrant, type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';
import { TestBroker } from '../support/test-broker.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;
const securityGrant: Partial<Grant> = { ...ownGrant('SECURITY'), scope: walikotaGrant.scope };
const puskesmas: DirectiveTarget = { target: { $case: 'unit', value: { opd: 'DKK', unit: 'PKM-PAUH' } } };
const why = 'Laptop Puskesmas hilang';

describe('directives', () => {
  let service: PermitService;

  before(async () => {
    service = await startPermitService();
  });
  beforeEach(async () => {
    service.log.away = false;
    service.clock.stopped = false;
    await service.pool.query('truncate broker_leases');
  });
  after(() => service.stop());

  const freeze = (target: DirectiveTarget = puskesmas, requestId: string = randomUUID(), text = why) =>
    service.call(directives.freeze, { requestId, target, reason: text }, securityGrant);
  const lift = (jws: string, requestId: string = randomUUID()) =>
    service.call(directives.lift, { requestId, jws }, walikotaGrant);
  const list = async (includeLifted = false): Promise<DirectiveState[]> => {
    const request = { includeLifted, pageSize: 500, pageToken: '' };
    return (await service.call(directives.listDirectives, request, securityGrant)).answer.directives;
  };
  const lastChange = async () => {
    const { rows } = await service.pool.query<{ change: Buffer }>(
      'select change from policy_log order by version desc limit 1',
    );
    return rows[0]?.change ?? Buffer.alloc(0);
  };
  const versions = async () => (await service.pool.query('select count(*)::int as n from policy_log')).rows[0].n;

  function text(order: Partial<LiftOrder>): Buffer {
    const whole = LiftOrder.create({ target: puskesmas, reason: 'Laptop ditemukan, sandi diganti', ...order });
    return Buffer.from(printJson('rangkiang.permit.v1.LiftOrder', LiftOrder.encode(whole).finish()));
  }
  const sign = (order: Partial<LiftOrder>) =>
    signLiftOrder(text(order), service.walikota.keyPem, service.walikota.certPem);
  const idOf = (directive: DirectiveState | undefined) => directive?.directive?.directiveId ?? '';

  /** Until what is under way has looked at the brokers a few times more. */
  async function untilItWaits(): Promise<void> {
    const seen = service.clock.sleeps + 3;
    while (service.clock.sleeps < seen) await setImmediate();
  }

  it('change the policy, are recorded and are listed', async () => {
    const { answer, auditIndex, callId } = await freeze();
    const { directive } = answer;
    assert.deepEqual(directive?.directive?.target, puskesmas);
    assert.equal(directive?.frozenBy, 'SECURITY');
    const change = await lastChange();
    assert.deepEqual(PolicyChange.decode(change).change, { $case: 'frozen', value: directive?.directive });
    const leaf = service.log.leaves[Number(auditIndex)];
    assert.equal(leaf?.kind, Kind.POLICY);
    assert.deepEqual(leaf?.eventId, callId);
    assert.deepEqual(leaf?.policyChangeDigest, hash('sha256', change, 'buffer'));
    assert.deepEqual((await list())[0], directive);
  });

  it('wait for every living broker, and for a dead one until its lease is over', async () => {
    const [alive] = [await new TestBroker(service).catchUp(), await new TestBroker(service).catchUp()];
    service.clock.stopped = true;
    const freezing = freeze();
    await untilItWaits();
    await alive?.catchUp();
    await untilItWaits();
    service.clock.stopped = false;
    const { answer } = await freezing;
    assert.deepEqual([answer.brokersConfirmed, answer.brokersLapsed], [1, 1]);
  });

  it('asked for again with the same request id wait again and change nothing more', async () => {
    await new TestBroker(service).catchUp();
    const requestId = randomUUID();
    const first = await freeze(puskesmas, requestId);
    const count = await versions();
    const startedMs = service.clock.nowMs();
    const again = await freeze(puskesmas, requestId);
    assert.equal(service.clock.nowMs() - startedMs, 3_100);
    assert.deepEqual(again.answer.directive, first.answer.directive);
    assert.equal(await versions(), count);
    await assert.rejects(freeze(puskesmas, requestId, 'Alasan yang lain'), reason('REQUEST_ID_REUSED'));
  });

  it('take effect while the audit service is down, and are recorded when it is back', async () => {
    service.log.away = true;
    const requestId = randomUUID();
    const first = await freeze(puskesmas, requestId);
    assert.equal(first.auditIndex, undefined);
    assert.equal(PolicyChange.decode(await lastChange()).change?.$case, 'frozen');
    service.log.away = false;
    const again = await freeze(puskesmas, requestId);
    assert.deepEqual(service.log.leaves[Number(again.auditIndex)]?.eventId, first.callId);
  });

  it('refuse a target that is mistyped, and one without which nobody could lift', async () => {
    const count = await versions();
    await assert.rejects(freeze({ target: { $case: 'opd', value: 'DKKK' } }), reason('OPD_UNKNOWN'));
    const method = (value: string): DirectiveTarget => ({ target: { $case: 'method', value } });
    await assert.rejects(freeze(method('/rangkiang.resident.v1.ResidentService/Nope')), reason('REQUEST_INVALID'));
    await assert.rejects(freeze(method('/rangkiang.permit.v1.PolicyService/Renew')), reason('REQUEST_INVALID'));
    await assert.rejects(freeze({ target: undefined }), reason('REQUEST_INVALID'));
    await assert.rejects(freeze(puskesmas, randomUUID(), 'NIK 1371110101900001 dicuri'), reason('REQUEST_INVALID'));
    const needed: DirectiveTarget[] = [
      { target: { $case: 'opd', value: 'WALIKOTA' } },
      { target: { $case: 'unit', value: { opd: 'WALIKOTA', unit: 'PUSAT' } } },
      method('/rangkiang.permit.v1.DirectiveService/Lift'),
    ];
    for (const target of needed) await assert.rejects(freeze(target), reason('TARGET_NOT_FREEZABLE'));
    assert.equal(await versions(), count);
  });

  it('are lifted by the order that the Walikota signed, once its record is committed', async () => {
    const frozen = await freeze();
    const directiveId = idOf(frozen.answer.directive);
    const jws = await sign({ directiveId });
    service.log.away = true;
    const count = await versions();
    await assert.rejects(lift(jws), reason('AUDIT_UNAVAILABLE'));
    assert.equal(await versions(), count, 'the freeze ended without a record');
    service.log.away = false;
    assert.equal((await listed(directiveId))?.liftTime, undefined);
    const { answer, auditIndex } = await lift(jws);
    assert.ok(answer.directive?.liftTime);
    const change = await lastChange();
    assert.deepEqual(PolicyChange.decode(change).change, { $case: 'lifted', value: { jws } });
    const leaf = service.log.leaves[Number(auditIndex)];
    assert.deepEqual(leaf?.refersTo, frozen.callId);
    assert.deepEqual(leaf?.policyChangeDigest, hash('sha256', change, 'buffer'));
    assert.equal(await versions(), count + 1);
    assert.equal((await lift(jws)).auditIndex, auditIndex);
    assert.equal(await versions(), count + 1);
    assert.equal(await listed(directiveId), undefined);
    assert.ok((await list(true)).some((state) => idOf(state) === directiveId));
  });

  async function listed(directiveId: string): Promise<DirectiveState | undefined> {
    return (await list()).find((state) => idOf(state) === directiveId);
  }

  it('are lifted also when the process dies between the order and its record', async () => {
    const directiveId = idOf((await freeze()).answer.directive);
    service.log.mute = true;
    await assert.rejects(lift(await sign({ directiveId })), reason('AUDIT_UNAVAILABLE'));
    await service.stop();
    service.log.mute = false;
    service = await service.another();
    const jws = await sign({ directiveId, reason: 'Perintah kedua, isinya sama' });
    const { answer } = await lift(jws);
    assert.ok(answer.directive?.liftTime);
    assert.notEqual(answer.directive?.liftJws, jws);
  });

  it('are not lifted by another signature, another document or another target', async () => {
    const directiveId = idOf((await freeze()).answer.directive);
    const count = await versions();
    const { walikota: other } = await testCertificates();
    const { walikota } = service;
    const foreign = await signLiftOrder(text({ directiveId }), other.keyPem, other.certPem);
    await assert.rejects(lift(foreign), reason('SIGNATURE_INVALID'));
    const asIzin = await signIzin(text({ directiveId }), walikota.keyPem, walikota.certPem);
    await assert.rejects(lift(asIzin), reason('SIGNATURE_INVALID'));
    const elsewhere: DirectiveTarget = { target: { $case: 'opd', value: 'DISDIK' } };
    await assert.rejects(lift(await sign({ directiveId, target: elsewhere })), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(lift(await sign({ directiveId: randomUUID() })), reason('DIRECTIVE_NOT_FOUND'));
    assert.equal(await versions(), count);
    assert.ok(await listed(directiveId));
  });

  it('are listed page by page, newest first', async () => {
    for (let n = 0; n < 3; n += 1) await freeze();
    const whole = await list();
    const paged: DirectiveState[] = [];
    let pageToken = '';
    do {
      const request = { includeLifted: false, pageSize: 2, pageToken };
      const { answer } = await service.call(directives.listDirectives, request, securityGrant);
      paged.push(...answer.directives);
      pageToken = answer.nextPageToken;
    } while (pageToken !== '');
    assert.deepEqual(paged, whole);
    const ordered = whole.map(({ policyVersion }) => Number(policyVersion));
    assert.deepEqual(
      ordered,
      ordered.toSorted((a, b) => b - a),
    );
  });
});
