import assert from 'node:assert/strict';
import fc from 'fast-check';
import { beforeEach, describe, it } from 'mocha';
import type { CounterStore } from '../../../../broker/quota/counter-store.ts';
import { RateLimit } from '../../../../broker/quota/rate-limit.ts';
import { CityCounters } from '../../../support/city-counters.ts';

describe('RateLimit', () => {
  let city: CityCounters;
  beforeEach(() => {
    city = new CityCounters();
  });
  const brokers = (count: number) =>
    Array.from({ length: count }, () => new RateLimit({ store: city, nowMs: () => city.nowMs, brokers: () => count }));
  const through = async (taken: (boolean | Promise<boolean> | undefined)[]) =>
    (await Promise.all(taken)).filter(Boolean).length;

  it('lets exactly the limit through, with few claims', async () => {
    const [limit] = brokers(1);
    assert.equal(await through(Array.from({ length: 5_000 }, () => limit?.take('a', 1_000))), 1_000);
    assert(city.pipelines <= 12, `${city.pipelines} claims`);
  });

  it('answers without a promise while its claim lasts', async () => {
    const [limit] = brokers(1);
    await limit?.take('a', 1_000);
    for (let n = 1; n < 500; n += 1) assert.equal(limit?.take('a', 1_000), true);
  });

  it('lets exactly the limit through several brokers that are asked at once', async () => {
    const limits = brokers(4);
    assert.equal(await through(Array.from({ length: 1_000 }, (_, n) => limits[n % 4]?.take('a', 100))), 100);
  });

  it('refuses at once, without the store, when the limit is known to be reached', async () => {
    const [limit] = brokers(1);
    await through(Array.from({ length: 20 }, () => limit?.take('a', 10)));
    const before = city.pipelines;
    for (let n = 0; n < 20; n += 1) assert.equal(limit?.take('a', 10), false);
    assert.equal(city.pipelines, before);
  });

  it('keeps each broker to its share while the store is away', async () => {
    city.away = true;
    const limits = brokers(2);
    assert.equal(await through(Array.from({ length: 40 }, (_, n) => limits[n % 2]?.take('a', 10))), 10);
  });

  it('claims no share beside what it had from the store', async () => {
    const [limit] = brokers(2);
    const before = await through(Array.from({ length: 60 }, () => limit?.take('a', 100)));
    const [claimed] = city.totals.values();
    city.away = true;
    assert.equal(before + (await through(Array.from({ length: 60 }, () => limit?.take('a', 100)))), claimed);
  });

  it('does not forget when the store does: a broker that knows the limit to be reached lets nothing more through', async () => {
    const limits = brokers(4);
    const call = () => through(Array.from({ length: 500 }, (_, n) => limits[n % 4]?.take('a', 100)));
    assert.equal(await call(), 100);
    city.totals.clear();
    city.nowMs += 1_001; // "Too few are left" is believed for a second.
    assert.equal(await call(), 0);
  });

  it('lets no more than the limit through by a store that always says that nothing was counted', async () => {
    const store: CounterStore = { add: async (amounts) => new Map([...amounts.keys()].map((key) => [key, 0])) };
    const limit = new RateLimit({ store, nowMs: () => 0, brokers: () => 4 });
    assert.equal(await through(Array.from({ length: 1_000 }, () => limit.take('a', 100))), 100);
  });

  it('lets through again in the next minute, and keeps ids apart', async () => {
    const [limit] = brokers(1);
    assert.equal(await through(Array.from({ length: 12 }, () => limit?.take('a', 10))), 10);
    assert.equal(await limit?.take('b', 10), true);
    assert.equal(limit?.remainingMs(), 60_000);
    city.nowMs = 60_000;
    assert.equal(await limit?.take('a', 10), true);
  });

  it('never lets more than the limit through, whichever brokers are asked', async () => {
    const step = fc.record({ broker: fc.nat(2), calls: fc.integer({ min: 1, max: 8 }), wait: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 60 }), async (steps, limit) => {
        city = new CityCounters();
        const limits = brokers(3);
        const taken: (boolean | Promise<boolean> | undefined)[] = [];
        for (const { broker, calls, wait } of steps) {
          for (let n = 0; n < calls; n += 1) taken.push(limits[broker]?.take('a', limit));
          if (wait) await Promise.all(taken);
        }
        assert((await through(taken)) <= limit);
      }),
      { numRuns: 200 },
    );
  });
});
