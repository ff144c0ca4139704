import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { GuessLimit } from '../../../../broker/quota/guess-limit.ts';
import { WindowCounters } from '../../../../broker/quota/window-counters.ts';
import { CityCounters } from '../../../support/city-counters.ts';

const HOUR_MS = 3_600_000;

describe('GuessLimit', () => {
  let city: CityCounters;
  beforeEach(() => {
    city = new CityCounters();
  });
  const gate = (brokers = 1) => new GuessLimit(new WindowCounters(city.parts('guesses', HOUR_MS)), 30, () => brokers);

  /** Guesses `count` times at once, each answered a turn after it was let in; how many were let in. */
  async function guess(limit: GuessLimit, count: number, wrong: boolean): Promise<number> {
    const guesses = Array.from({ length: count }, async () => {
      if (!(await limit.enter('a'))) return 0;
      await Promise.resolve();
      limit.leave('a', wrong);
      return 1;
    });
    return (await Promise.all(guesses)).reduce((sum: number, one) => sum + one, 0);
  }

  it('lets 30 wrong guesses through, though 1,000 come at once', async () => {
    const limit = gate();
    assert.equal(await guess(limit, 1_000, true), 30);
    assert.equal(limit.enter('a'), false);
    assert.notEqual(limit.enter('b'), false, 'systems are apart');
  });

  it('lets any number of right guesses through, though 1,000 come at once', async () => {
    assert.equal(await guess(gate(), 1_000, false), 1_000);
  });

  it('lets fewer into flight the fewer may still go wrong, down to one', async () => {
    const limit = gate();
    assert.equal(await guess(limit, 29, true), 29);
    assert.equal(limit.enter('a'), true);
    const second = limit.enter('a');
    assert(second instanceof Promise);
    limit.leave('a', false);
    assert.equal(await second, true);
    const third = limit.enter('a');
    limit.leave('a', true);
    assert.equal(await third, false);
  });

  it('answers without a promise while there is room', () => {
    const limit = gate();
    for (let n = 0; n < 30; n += 1) assert.equal(limit.enter('a'), true);
    assert(limit.enter('a') instanceof Promise);
  });

  it('shares the limit between brokers', async () => {
    const [here, there] = [gate(2), gate(2)];
    assert.equal(await guess(here, 10, true), 10);
    await city.pass(20);
    assert.equal(await guess(there, 1, true), 1);
    await city.pass(20);
    // 19 may still go wrong; this broker may have 9 of them in flight.
    for (let n = 0; n < 9; n += 1) assert.equal(there.enter('a'), true);
    assert(there.enter('a') instanceof Promise);
  });

  it('lets guess again in the next hour', async () => {
    const limit = gate();
    await guess(limit, 100, true);
    assert.equal(limit.enter('a'), false);
    await city.pass(HOUR_MS);
    assert.equal(limit.enter('a'), true);
  });
});
