import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { type Permit, PermitState, SuspensionReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { PolicyServiceService as policy } from '#gen/rangkiang/permit/v1/policy_service.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import type { MeshError } from '#mesh/errors.ts';
import { type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';
import { TestBroker } from '../support/test-broker.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;

describe('renewal of a permit', () => {
  let service: PermitService;
  let permit: Permit;
  let izin: Izin;

  before(async () => {
    service = await startPermitService();
  });
  beforeEach(async () => {
    service.log.away = false;
    await service.pool.query('truncate broker_leases');
    permit = await service.permit();
    assert(permit.izin);
    izin = permit.izin;
  });
  after(() => service.stop());

  const signed = async (changes: Partial<Izin>, settings: { etag?: string } = {}, aktivasi = {}) => {
    const next = { ...izin, version: 1, ...changes };
    const jws = await service.sign(next);
    const aktivasiJws = await service.signAktivasi(next, jws, aktivasi);
    const { permitId, etag } = permit;
    return { requestId: randomUUID(), permitId, etag, jws, aktivasiJws, ...settings };
  };
  const renew = async (...what: Parameters<typeof signed>) =>
    service.call(permits.renewPermit, await signed(...what), walikotaGrant);
  const get = async (): Promise<Permit> => {
    const { answer } = await service.call(permits.getPermit, { permitId: permit.permitId }, walikotaGrant);
    assert(answer.permit);
    return answer.permit;
  };
  const later = (date: Date | undefined, days: number) => new Date(Number(date) + days * 86_400_000);
  const reserve = async (rowsNeeded: number) => {
    const day = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
    const wish = { reservationId: randomUUID(), permitId: permit.permitId, day, rowsNeeded };
    return (await service.call(policy.reserveQuota, wish)).answer;
  };

  it('puts a longer version in the place of the older one, once it is recorded', async () => {
    const validUntil = later(izin.validUntil, 30);
    const request = await signed({ validUntil });
    service.log.away = true;
    const again = () => service.call(permits.renewPermit, request, walikotaGrant);
    await assert.rejects(again(), reason('AUDIT_UNAVAILABLE'));
    const { rows } = await service.pool.query(
      'select policy_version, pending_event is not null as pending from permits where permit_id = $1',
      [permit.permitId],
    );
    assert.deepEqual(rows, [{ policy_version: permit.policyVersion, pending: true }]);
    service.log.away = false;
    const { answer } = await again();
    assert.equal(answer.permit?.state, PermitState.ACTIVE);
    assert.equal(answer.permit?.izin?.version, 1);
    assert.deepEqual(answer.permit?.izin?.validUntil, validUntil);
    assert((answer.permit?.policyVersion ?? 0n) > permit.policyVersion);
  });

  it('counts at once when it widens nothing, also while the audit service is down', async () => {
    await new TestBroker(service).catchUp();
    service.log.away = true;
    const startedMs = service.clock.nowMs();
    const { answer, auditIndex } = await renew({ elements: [Element.NIK], quotaPerDay: 10 });
    assert.equal(service.clock.nowMs() - startedMs, 3_100);
    assert.deepEqual([answer.brokersConfirmed, answer.brokersLapsed], [0, 1]);
    assert.deepEqual(answer.permit?.izin?.elements, [Element.NIK]);
    assert.equal(answer.permit?.state, PermitState.ACTIVE);
    assert.equal(auditIndex, undefined);
  });

  it('waits for its record when its Aktivasi names another network or system', async () => {
    service.log.away = true;
    await assert.rejects(renew({}, {}, { systems: ['simpus', 'loket'] }), reason('AUDIT_UNAVAILABLE'));
    service.log.away = false;
    await service.recorded();
    permit = await get();
    assert.deepEqual([permit.state, permit.aktivasi?.systems], [PermitState.ACTIVE, ['simpus', 'loket']]);
    service.log.away = true;
    const { answer } = await renew({ version: 2 }, {}, { systems: ['simpus'], networks: ['::/0'] });
    assert.deepEqual(answer.permit?.aktivasi?.networks, ['::/0']);
    service.log.away = false;
    permit = await get();
    await assert.rejects(renew({ version: 3 }, {}, { version: 2 }), reason('DOCUMENT_MISMATCH'));
  });

  it('takes the next version only, of this permit, within what was reviewed', async () => {
    await assert.rejects(renew({ version: 0 }), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(renew({ version: 2 }), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(renew({ permitId: randomUUID() }), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(renew({ elements: [...izin.elements, Element.AGAMA] }), reason('DOCUMENT_MISMATCH'));
    await assert.rejects(renew({ dirjenLetter: '470/1' }), reason('DOCUMENT_MISMATCH'));
    await renew({ quotaPerDay: 900 });
    await assert.rejects(renew({ quotaPerDay: 800, version: 2 }), reason('ETAG_MISMATCH'));
    permit = await get();
    await renew({ quotaPerDay: 1_000, version: 2 });
  });

  it('brings an expired permit back', async () => {
    await service.pool.query(
      "update permits set valid_until = clock_timestamp() - interval '1 second' where permit_id = $1",
      [permit.permitId],
    );
    assert.equal((await get()).state, PermitState.EXPIRED);
    const { answer } = await renew({ validFrom: later(izin.validFrom, 1), validUntil: later(izin.validUntil, 1) });
    assert.equal(answer.permit?.state, PermitState.ACTIVE);
  });

  it('is not for a suspended permit, and a suspension ends one that is not recorded yet', async () => {
    service.log.away = true;
    await assert.rejects(renew({ validUntil: later(izin.validUntil, 30) }), reason('AUDIT_UNAVAILABLE'));
    const suspension = {
      requestId: randomUUID(),
      permitId: permit.permitId,
      reason: SuspensionReason.PEMERIKSAAN,
      remarks: 'Sedang diperiksa.',
    };
    await service.call(permits.suspendPermit, suspension, walikotaGrant);
    service.log.away = false;
    await service.permit(); // by now everything that waited is recorded
    permit = await get();
    assert.equal(permit.state, PermitState.SUSPENDED);
    assert.deepEqual(permit.izin, izin);
    await assert.rejects(renew({ validUntil: later(izin.validUntil, 30) }), reason('STATE_CONFLICT'));
  });

  it('takes the day’s quota along: a larger one at once, a smaller one as far as rows are left', async () => {
    assert.equal((await reserve(600)).rows, 600);
    await renew({ quotaPerDay: 700 });
    permit = await get();
    assert.equal((await reserve(101)).rows, 0);
    await renew({ quotaPerDay: 500, version: 2 });
    permit = await get();
    assert.deepEqual(await reserve(1), { rows: 0, rowsLeft: 0 });
    await renew({ quotaPerDay: 1_000, version: 3 });
    const more = await reserve(300);
    assert(more.rows >= 300 && more.rows + more.rowsLeft === 400, `${more.rows} ${more.rowsLeft}`);
  });
});
