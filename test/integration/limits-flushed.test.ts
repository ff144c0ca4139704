import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createClient } from 'redis';
import { PolicyServiceService as policy } from '#gen/rangkiang/permit/v1/policy_service.ts';
import { systemTimer } from '../../broker/clock.ts';
import { QuotaHolder } from '../../broker/quota/quota-holder.ts';
import { RedisCounters } from '../../broker/quota/redis-counters.ts';
import { ShortTermLimits } from '../../broker/quota/short-term-limits.ts';
import { type PermitService, startPermitService } from '../support/permit-service.ts';
import { testRedis } from '../support/redis.ts';

const LIMIT = 100;
const CALLS = 1_000;
const BROKERS = 4;

describe('limits of 4 brokers while Redis is emptied between 1,000 calls', () => {
  let service: PermitService;
  let redis: ReturnType<typeof createClient>;
  let redisUrl: string;
  const closers: (() => unknown)[] = [];
  before(async () => {
    service = await startPermitService();
    redisUrl = await testRedis();
    redis = createClient({ url: redisUrl });
    await redis.connect();
  });
  after(async () => {
    for (const close of closers) await close();
    redis.destroy();
    await service.stop();
  });

  /** What a broker charges a call with, as the door does: its place in the minute, then its row of the day. */
  async function openBroker(permit: string, perMinute: number, clock: { nowMs: number }) {
    const store = new RedisCounters(redisUrl, { warn: () => {} });
    for (let isReady = false; !isReady; ) {
      isReady = await store.add(new Map([['rangkiang:limit:test:ready', 1]]), 60_000).then(
        () => true,
        () => false,
      );
    }
    const nowMs = () => clock.nowMs;
    const limits = new ShortTermLimits({ store, timer: systemTimer, nowMs, brokers: () => BROKERS });
    const reserve = async (request: Parameters<typeof policy.reserveQuota.requestSerialize>[0]) =>
      (await service.call(policy.reserveQuota, request)).answer;
    const giveBack = (request: Parameters<typeof policy.returnQuota.requestSerialize>[0]) =>
      service.call(policy.returnQuota, request);
    const quota = new QuotaHolder({ reserve, giveBack }, Date.now, () => performance.now());
    closers.push(
      () => quota.close(),
      () => limits.close(),
      () => store.close(),
    );
    return async () => {
      await limits.spend({ permit, perMinute, system: 'DKK/PUSAT/simpus', operator: '', guesses: false });
      await quota.debit(permit, 1);
    };
  }

  /** Lets 1,000 calls in over the brokers, and empties Redis when half of them have begun. */
  async function charged(perMinute: number, quotaPerDay: number, clock = { nowMs: 0 }): Promise<number> {
    const { permitId } = await service.permit({ quotaPerDay });
    const brokers = await Promise.all(Array.from({ length: BROKERS }, () => openBroker(permitId, perMinute, clock)));
    const half = (first: number) => Array.from({ length: CALLS / 2 }, (_, n) => brokers[(first + n) % BROKERS]?.());
    const before = half(0);
    await redis.sendCommand(['FLUSHALL']);
    const settled = await Promise.allSettled([...before, ...half(CALLS / 2)]);
    for (const each of settled) {
      if (each.status === 'rejected') assert.match(String(each.reason), /QUOTA_EXCEEDED|RATE_LIMITED/);
    }
    return settled.filter(({ status }) => status === 'fulfilled').length;
  }

  it('let exactly the rows of the day through', async () => {
    assert.equal(await charged(60_000, LIMIT), LIMIT);
    const { rows } = await service.pool.query('select reserved from quota order by reserved desc limit 1');
    assert.deepEqual(rows, [{ reserved: LIMIT }]);
  });

  it('let the calls of a minute through, at most once more while brokers do not know of each other', async () => {
    const passed = await charged(LIMIT, 60_000);
    assert(passed >= LIMIT && passed <= 2 * LIMIT, `${passed} calls`);
  });

  it('let no call more of a minute through once each broker has seen the limit', async () => {
    const { permitId } = await service.permit({ quotaPerDay: 60_000 });
    const clock = { nowMs: 0 };
    const brokers = await Promise.all(Array.from({ length: BROKERS }, () => openBroker(permitId, LIMIT, clock)));
    const half = async () => {
      const calls = Array.from({ length: CALLS / 2 }, (_, n) => brokers[n % BROKERS]?.());
      return (await Promise.allSettled(calls)).filter(({ status }) => status === 'fulfilled').length;
    };
    assert.equal(await half(), LIMIT);
    await redis.sendCommand(['FLUSHALL']);
    // "Too few are left" is believed for a second.
    clock.nowMs += 1_001;
    assert.equal(await half(), 0);
  });
});
