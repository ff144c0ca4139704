import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { after, before, beforeEach, describe, it } from 'mocha';
import { RevocationReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { PolicyServiceService as policy } from '#gen/rangkiang/permit/v1/policy_service.ts';
import type { MeshError } from '#mesh/errors.ts';
import { type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';
import { TestBroker } from '../support/test-broker.ts';

const LIMIT = 100;
const reason = (expected: string) => (error: MeshError) => error.reason === expected;
/** The day in Asia/Jakarta, some days from now. */
const dayFromNow = (days: number) => new Date(Date.now() + (7 + 24 * days) * 3_600_000).toISOString().slice(0, 10);

const sum = (rows: Map<string, number>) => [...rows.values()].reduce((total, part) => total + part, 0);

describe('quota that brokers reserve', () => {
  let service: PermitService;
  let permitId: string;

  before(async () => {
    service = await startPermitService();
  });
  beforeEach(async () => {
    await service.pool.query('truncate broker_leases');
    permitId = (await service.permit({ quotaPerDay: LIMIT })).permitId;
  });
  after(() => service.stop());

  const reserve = async (rowsNeeded: number, reservationId: string = randomUUID(), day = dayFromNow(0)) =>
    (await service.call(policy.reserveQuota, { reservationId, permitId, day, rowsNeeded })).answer;
  const giveBack = (reservationId: string, rows: number) => service.call(policy.returnQuota, { reservationId, rows });
  const reserved = async () =>
    (await service.pool.query('select reserved from quota where permit_id = $1', [permitId])).rows[0]?.reserved;

  it('comes in large parts while much is left, and then in what is needed', async () => {
    assert.deepEqual(await reserve(1), { rows: 50, rowsLeft: 50 });
    assert.deepEqual(await reserve(1), { rows: 25, rowsLeft: 25 });
    assert.deepEqual(await reserve(20), { rows: 20, rowsLeft: 5 });
    assert.deepEqual(await reserve(6), { rows: 0, rowsLeft: 5 });
    assert.deepEqual(await reserve(5), { rows: 5, rowsLeft: 0 });
    assert.deepEqual(await reserve(1), { rows: 0, rowsLeft: 0 });
  });

  it('comes in smaller parts when several brokers share it', async () => {
    for (let i = 0; i < 5; i += 1) await new TestBroker(service).catchUp();
    assert.deepEqual(await reserve(1), { rows: 10, rowsLeft: 90 });
  });

  it('is never more than the Izin says, however many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => reserve(3)));
    const total = answers.reduce((sum, { rows }) => sum + rows, 0);
    assert.ok(total <= LIMIT && total > LIMIT - 3, `${total} rows`);
    assert.equal(await reserved(), total);
  });

  it('is never more than the Izin says, whatever is reserved, repeated and returned in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('reserve' as const), id: fc.nat(9), rows: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constant('return' as const), id: fc.nat(9), rows: fc.nat(60) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        await service.pool.query('truncate quota_reservations, quota');
        const ids = Array.from({ length: 10 }, () => randomUUID());
        const granted = new Map<string, number>();
        const returned = new Map<string, number>();
        for (const { kind, id: index, rows } of steps) {
          const id = ids[index] ?? '';
          if (kind === 'reserve') {
            const answer = await reserve(rows, id).catch(() => undefined);
            if (answer && answer.rows > 0) granted.set(id, answer.rows);
          } else if ((await giveBack(id, rows).catch(() => undefined)) && !returned.has(id)) {
            returned.set(id, rows);
          }
          const held = sum(granted) - sum(returned);
          assert.ok(held <= LIMIT, `${held} rows`);
          assert.equal((await reserved()) ?? 0, held);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('is reserved once by one reservation id', async () => {
    const id = randomUUID();
    const first = await reserve(10, id);
    assert.deepEqual(await reserve(10, id), first);
    const answers = await Promise.all(Array.from({ length: 8 }, () => reserve(10, id)));
    assert.ok(answers.every(({ rows }) => rows === first.rows));
    assert.equal(await reserved(), first.rows);
    await assert.rejects(reserve(10, id, dayFromNow(1)), reason('REQUEST_ID_REUSED'));
  });

  it('comes back once, and never more than was reserved', async () => {
    const id = randomUUID();
    await reserve(50, id);
    await assert.rejects(giveBack(id, 51), reason('REQUEST_INVALID'));
    await Promise.all(Array.from({ length: 8 }, () => giveBack(id, 30)));
    assert.equal(await reserved(), 20);
    await giveBack(id, 50);
    assert.equal(await reserved(), 20);
    await assert.rejects(reserve(10, id), reason('REQUEST_ID_REUSED'));
    await assert.rejects(giveBack(randomUUID(), 1), reason('REQUEST_INVALID'));
  });

  it('is reserved for yesterday, today and tomorrow in Asia/Jakarta, each for itself', async () => {
    for (const days of [-1, 0, 1]) assert.equal((await reserve(LIMIT, randomUUID(), dayFromNow(days))).rows, LIMIT);
    for (const day of [dayFromNow(-2), dayFromNow(2), '2026-02-31', '0000-00-00']) {
      await assert.rejects(reserve(1, randomUUID(), day), reason('REQUEST_INVALID'));
    }
  });

  it('is reserved only of a permit that counts', async () => {
    const request = { requestId: randomUUID(), permitId, reason: RevocationReason.PERMINTAAN_OPD };
    await service.call(permits.revokePermit, request, walikotaGrant);
    await assert.rejects(reserve(1), reason('PERMIT_REVOKED'));
    permitId = randomUUID();
    await assert.rejects(reserve(1), reason('PERMIT_NOT_FOUND'));
  });
});
