import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeEach, describe, it } from 'mocha';
import type { ReserveQuotaRequest, ReserveQuotaResponse, ReturnQuotaRequest } from '#gen/rangkiang/permit/v1/policy.ts';
import { MeshError } from '#mesh/errors.ts';
import type { QuotaService } from '../../../../broker/quota/day-chunk.ts';
import { type Debit, QuotaHolder } from '../../../../broker/quota/quota-holder.ts';

const noon = Date.parse('2026-06-01T12:00:00+07:00');
const midnight = Date.parse('2026-06-02T00:00:00+07:00');
const permit = '0b0f4f5e-8a52-4c5e-9f2e-3f1f5e6d7c8b';

/** The permit service's count of quota, as PolicyService keeps it. */
class Store implements QuotaService {
  readonly limit: number;
  readonly brokers: number;
  readonly reserved = new Map<string, number>();
  readonly reservations = new Map<string, ReserveQuotaResponse & { day: string; returned: boolean }>();
  calls = 0;
  /** Awaited before the count is touched, and again before the answer leaves. */
  pause: () => Promise<void> = async () => {};

  constructor(limit: number, brokers = 1) {
    this.limit = limit;
    this.brokers = brokers;
  }

  async reserve({ reservationId, day, rowsNeeded }: ReserveQuotaRequest): Promise<ReserveQuotaResponse> {
    this.calls += 1;
    await this.pause();
    let known = this.reservations.get(reservationId);
    if (known === undefined) {
      const left = this.limit - (this.reserved.get(day) ?? 0);
      const rows = rowsNeeded > left ? 0 : Math.max(rowsNeeded, Math.floor(left / (2 * this.brokers)));
      known = { rows, rowsLeft: left - rows, day, returned: false };
      if (rows > 0) this.reservations.set(reservationId, known);
      this.reserved.set(day, (this.reserved.get(day) ?? 0) + rows);
    }
    await this.pause();
    return known;
  }

  async giveBack({ reservationId, rows }: ReturnQuotaRequest): Promise<void> {
    const known = this.reservations.get(reservationId);
    assert(known && rows <= known.rows);
    if (known.returned) return;
    known.returned = true;
    this.reserved.set(known.day, (this.reserved.get(known.day) ?? 0) - rows);
  }
}

describe('QuotaHolder', () => {
  let nowMs: number;
  let monoMs: number;
  beforeEach(() => {
    nowMs = noon;
    monoMs = 0;
  });
  const holderOf = (store: QuotaService) =>
    new QuotaHolder(
      store,
      () => nowMs,
      () => monoMs,
    );
  const exceeded = (error: unknown) => error instanceof MeshError && error.reason === 'QUOTA_EXCEEDED';

  it('answers without a promise while the chunk holds enough', async () => {
    const store = new Store(100);
    const holder = holderOf(store);
    assert(holder.debit(permit, 1) instanceof Promise);
    await setImmediate();
    for (let n = 0; n < 49; n += 1) assert(!(holder.debit(permit, 1) instanceof Promise));
    assert.equal(store.calls, 1);
  });

  it('grants exactly the limit to 1,000 callers at once, on 4 brokers', async () => {
    const store = new Store(100, 4);
    store.pause = () => setImmediate();
    const holders = Array.from({ length: 4 }, () => holderOf(store));
    const calls = Array.from({ length: 1_000 }, async (_, n) => holders[n % 4]?.debit(permit, 1));
    const outcomes = await Promise.allSettled(calls);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 100);
    assert(outcomes.every((outcome) => outcome.status === 'fulfilled' || exceeded(outcome.reason)));
    assert(store.calls < 100, `${store.calls} reservations were asked for`);
  });

  it('asks once for all callers that wait', async () => {
    const store = new Store(1_000);
    const holder = holderOf(store);
    await Promise.all(Array.from({ length: 100 }, async () => holder.debit(permit, 3)));
    assert.equal(store.calls, 1);
  });

  it('serves waiting callers in their order, also a large one before small ones', async () => {
    const holder = holderOf(new Store(12));
    const order: string[] = [];
    const note = (name: string) => async (debit: Promise<Debit>) =>
      order.push(`${name} ${(await Promise.allSettled([debit]))[0]?.status}`);
    await Promise.all([
      note('large')((async () => holder.debit(permit, 10))()),
      note('small')((async () => holder.debit(permit, 2))()),
      note('late')((async () => holder.debit(permit, 1))()),
    ]);
    assert.deepEqual(order, ['large fulfilled', 'small fulfilled', 'late rejected']);
  });

  it('lets a call that is refunded serve another one', async () => {
    const holder = holderOf(new Store(30));
    const first = await holder.debit(permit, 30);
    await assert.rejects(async () => holder.debit(permit, 1), exceeded);
    first.refund(29);
    await holder.debit(permit, 29);
    await assert.rejects(async () => holder.debit(permit, 1), exceeded);
  });

  it('never puts back more than was charged', async () => {
    const holder = holderOf(new Store(10));
    const debit = await holder.debit(permit, 10);
    debit.refund(6);
    debit.refund(6);
    debit.refund(100);
    await holder.debit(permit, 10);
    await assert.rejects(async () => holder.debit(permit, 1), exceeded);
  });

  it('does not ask for each refused call, but asks again after a second', async () => {
    const store = new Store(10);
    const holder = holderOf(store);
    const other = holderOf(store);
    const elsewhere = await other.debit(permit, 10);
    for (let n = 0; n < 20; n += 1) await assert.rejects(async () => holder.debit(permit, 1), exceeded);
    assert.equal(store.calls, 2);
    elsewhere.refund(10);
    await other.close();
    monoMs += 1_000;
    await holder.debit(permit, 1);
  });

  it('begins a new day at midnight in Padang, and rows of yesterday never count for today', async () => {
    const store = new Store(10);
    const holder = holderOf(store);
    const yesterday = await holder.debit(permit, 10);
    nowMs = midnight;
    await holder.debit(permit, 10);
    yesterday.refund(10);
    await assert.rejects(async () => holder.debit(permit, 1), exceeded);
    assert.deepEqual([...store.reserved.keys()], ['2026-06-01', '2026-06-02']);
  });

  it('does not open yesterday again when the time is set back around midnight', async () => {
    const store = new Store(10);
    const holder = holderOf(store);
    nowMs = midnight;
    await holder.debit(permit, 1);
    nowMs = midnight - 1;
    assert(!(holder.debit(permit, 1) instanceof Promise));
    assert.deepEqual([...store.reserved.keys()], ['2026-06-02']);
  });

  it('gives back what is left when it closes', async () => {
    const store = new Store(100);
    const holder = holderOf(store);
    await Promise.all(Array.from({ length: 60 }, async () => holder.debit(permit, 1)));
    await holder.close();
    assert.equal(store.reserved.get('2026-06-01'), 60);
  });

  it('keeps permits apart', async () => {
    const holder = holderOf(new Store(10));
    await holder.debit(permit, 5);
    assert(holder.debit(crypto.randomUUID(), 1) instanceof Promise);
  });

  it('tells callers when reserving fails, and does not reserve twice when the answer was lost', async () => {
    const store = new Store(100);
    const holder = holderOf(store);
    let pauses = 0;
    store.pause = async () => {
      pauses += 1;
      if (pauses === 2) throw new MeshError('SERVICE_UNAVAILABLE');
    };
    await assert.rejects(async () => holder.debit(permit, 1), /SERVICE_UNAVAILABLE/);
    assert.equal(store.reserved.get('2026-06-01'), 50);
    await Promise.all(Array.from({ length: 50 }, async () => holder.debit(permit, 1)));
    assert.equal(store.reserved.get('2026-06-01'), 50);
  });

  it('never grants more than a day has, whatever is lost, refunded, closed or killed, and across midnight', async () => {
    const broker = fc.nat(2);
    const operation = fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({ name: fc.constant('debit' as const), broker, rows: fc.integer({ min: 1, max: 9 }) }),
      },
      { weight: 5, arbitrary: fc.record({ name: fc.constant('refund' as const), which: fc.nat(), rows: fc.nat(12) }) },
      { weight: 5, arbitrary: fc.record({ name: fc.constant('turn' as const) }) },
      { weight: 1, arbitrary: fc.record({ name: fc.constantFrom('kill' as const, 'close' as const), broker }) },
      { weight: 1, arbitrary: fc.record({ name: fc.constant('midnight' as const) }) },
    );
    const weather = fc.infiniteStream(fc.constantFrom('now', 'later', 'later', 'lost'));
    const seen = { granted: 0, refused: 0, lost: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 30, maxLength: 150 }),
        weather,
        fc.integer({ min: 1, max: 60 }),
        async (operations, weathers, limit) => {
          nowMs = noon;
          const store = new Store(limit, 3);
          store.pause = async () => {
            const today = weathers.next().value;
            if (today === 'later') await setImmediate();
            if (today === 'lost') throw new MeshError('SERVICE_UNAVAILABLE');
          };
          const holders = [holderOf(store), holderOf(store), holderOf(store)];
          const net = new Map<number, number>();
          const debits: { debit: Debit; day: number; rows: number }[] = [];
          const count = (day: number, rows: number) => {
            net.set(day, (net.get(day) ?? 0) + rows);
            assert((net.get(day) ?? 0) <= limit, `${net.get(day)} rows of ${limit}`);
          };
          const debit = async (holder: QuotaHolder, rows: number) => {
            const day = nowMs;
            try {
              debits.push({ debit: await holder.debit(permit, rows), day, rows });
            } catch (error) {
              seen[exceeded(error) ? 'refused' : 'lost'] += 1;
              return;
            }
            seen.granted += 1;
            count(day, rows);
          };
          const running: Promise<void>[] = [];
          for (const operation of operations) {
            switch (operation.name) {
              case 'debit':
                running.push(debit(holders[operation.broker] as QuotaHolder, operation.rows));
                break;
              case 'refund': {
                const charged = debits[operation.which % debits.length];
                if (charged === undefined) break;
                const rows = Math.min(operation.rows, charged.rows);
                charged.rows -= rows;
                count(charged.day, -rows);
                charged.debit.refund(operation.rows);
                break;
              }
              case 'turn':
                await setImmediate();
                break;
              case 'close':
                running.push(holders[operation.broker]?.close() ?? Promise.resolve());
                holders[operation.broker] = holderOf(store);
                break;
              case 'kill':
                holders[operation.broker] = holderOf(store);
                break;
              case 'midnight':
                nowMs = midnight;
            }
          }
          await Promise.all(running);
        },
      ),
      { numRuns: 300 },
    );
    assert(seen.granted > 1_000 && seen.refused > 1_000 && seen.lost > 100, JSON.stringify(seen));
  });
});
