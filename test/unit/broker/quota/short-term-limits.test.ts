import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { MeshError } from '#mesh/errors.ts';
import { ShortTermLimits, type Spending } from '../../../../broker/quota/short-term-limits.ts';
import { CityCounters } from '../../../support/city-counters.ts';

const use: Spending = { permit: 'p', perMinute: 5, system: 'DKK/PUSAT/simpus', operator: '', guesses: false };

describe('ShortTermLimits', () => {
  let city: CityCounters;
  let limits: ShortTermLimits;
  beforeEach(() => {
    city = new CityCounters();
    city.nowMs = 10_000;
    limits = new ShortTermLimits({ store: city, timer: city.timer, nowMs: () => city.nowMs, brokers: () => 1 });
  });
  const reasonOf = async (changes: Partial<Spending> = {}): Promise<string> => {
    try {
      await limits.spend({ ...use, ...changes });
      return 'spent';
    } catch (error) {
      assert(error instanceof MeshError);
      assert(error.retryAfterMs !== undefined);
      return `${error.reason} ${error.retryAfterMs}`;
    }
  };

  it("keeps a permit to its Izin's calls in a minute, and says when the next begins", async () => {
    for (let n = 0; n < 5; n += 1) assert.equal(await reasonOf(), 'spent');
    assert.equal(await reasonOf(), 'RATE_LIMITED 50000');
    assert.equal(await reasonOf({ permit: 'q' }), 'spent');
    await city.pass(50_000);
    assert.equal(await reasonOf(), 'spent');
  });

  it('lets a call through at once while a claim lasts', async () => {
    await limits.spend({ ...use, perMinute: 100, guesses: true });
    assert(!(limits.spend({ ...use, perMinute: 100, guesses: true }) instanceof Promise));
  });

  it('keeps an operator to what a person can do, over all permits', async () => {
    for (let n = 0; n < 600; n += 1) await limits.spend({ ...use, permit: `p${n}`, operator: 'ab12' });
    assert.equal(await reasonOf({ permit: 'q', operator: 'ab12' }), 'RATE_LIMITED 50000');
    assert.equal(await reasonOf({ permit: 'q', operator: 'cd34' }), 'spent');
    assert.equal(await reasonOf({ permit: 'q' }), 'spent');
  });

  it('keeps a system to 30 wrong guesses in an hour, whatever its permits', async () => {
    for (let n = 0; n < 30; n += 1) {
      const spent = await limits.spend({ ...use, permit: `p${n}`, guesses: true });
      spent.ended(true);
    }
    assert.equal(await reasonOf({ permit: 'q', guesses: true }), 'GUESS_LIMIT 3590000');
    assert.equal(await reasonOf({ permit: 'q', guesses: false }), 'spent');
    assert.equal(await reasonOf({ permit: 'q', guesses: true, system: 'DKK/PUSAT/lain' }), 'spent');
  });

  it('keeps a system to 6,000 calls by statute in a minute, whatever its permits allow beside', async () => {
    const system = use.system;
    for (let n = 0; n < 6_000; n += 1) await limits.spendByStatute(system);
    await assert.rejects(
      async () => limits.spendByStatute(system),
      (error) => error instanceof MeshError && error.reason === 'RATE_LIMITED' && error.retryAfterMs === 50_000,
    );
    await limits.spendByStatute('DKK/PUSAT/lain');
    assert.equal(await reasonOf(), 'spent');
    await city.pass(50_000);
    await limits.spendByStatute(system);
  });
});
