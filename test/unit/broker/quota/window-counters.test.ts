import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { WindowCounters } from '../../../../broker/quota/window-counters.ts';
import { CityCounters } from '../../../support/city-counters.ts';

describe('WindowCounters', () => {
  let city: CityCounters;
  let here: WindowCounters;
  let there: WindowCounters;
  beforeEach(() => {
    city = new CityCounters();
    city.nowMs = 120_000;
    here = new WindowCounters(city.parts('calls', 60_000));
    there = new WindowCounters(city.parts('calls', 60_000));
  });

  it('sends what was counted in the background, all ids in one pipeline', async () => {
    for (let n = 0; n < 5; n += 1) here.add('a');
    here.add('b');
    assert.equal(here.read('a'), 5);
    assert.equal(city.pipelines, 0);
    await city.pass(20);
    assert.equal(city.pipelines, 1);
    assert.equal(here.read('a'), 5);
    assert.deepEqual(
      [...city.totals],
      [
        ['rangkiang:limit:calls:2:a', 5],
        ['rangkiang:limit:calls:2:b', 1],
      ],
    );
    assert.deepEqual([...city.ttlMs], [120_000]);
  });

  it('tells nobody anything while nothing is counted', async () => {
    here.read('a');
    await city.pass(1_000);
    assert.equal(city.pipelines, 0);
  });

  it("learns the city's total with its own next count", async () => {
    for (let n = 0; n < 3; n += 1) there.add('a');
    await city.pass(20);
    here.add('a');
    await city.pass(20);
    assert.equal(here.read('a'), 4);
  });

  it('goes on counting while the store is away, and catches up when it is back', async () => {
    city.away = true;
    here.add('a');
    here.add('a');
    await city.pass(20);
    assert.equal(here.read('a'), 2);
    city.away = false;
    here.add('a');
    await city.pass(40);
    assert.equal(here.read('a'), 3);
    assert.equal(city.totals.get('rangkiang:limit:calls:2:a'), 3);
  });

  it('does not forget when the store does', async () => {
    for (let n = 0; n < 9; n += 1) here.add('a');
    await city.pass(20);
    city.totals.clear();
    here.add('a');
    await city.pass(20);
    assert.equal(here.read('a'), 10);
  });

  it('begins anew with each window, and still sends what belongs to the one before', async () => {
    here.add('a');
    city.nowMs += 59_990;
    here.add('a');
    assert.equal(here.remainingMs(), 10);
    city.nowMs += 10;
    assert.equal(here.read('a'), 0);
    await city.pass(20);
    assert.equal(city.totals.get('rangkiang:limit:calls:2:a'), 2);
    assert.equal(here.read('a'), 0);
  });

  it('stops when closed', async () => {
    here.add('a');
    here.close();
    await city.pass(1_000);
    assert.equal(city.pipelines, 0);
  });
});
