import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { chunkRows, isReservable } from '../../../../../services/permit/domain/quota.ts';

describe('the rows of one reservation', () => {
  const quota = fc.record({
    limit: fc.integer({ min: 1, max: 100_000_000 }),
    reserved: fc.nat(100_000_000),
    needed: fc.integer({ min: 1, max: 1_000_000 }),
    brokers: fc.nat(20),
  });

  it('never exceed what is left, and are never fewer than needed unless none', () => {
    fc.assert(
      fc.property(quota, (given) => {
        const rows = chunkRows(given);
        if (rows === 0) return given.needed > given.limit - given.reserved;
        return rows >= given.needed && given.reserved + rows <= given.limit && Number.isInteger(rows);
      }),
    );
  });

  it('leave something for every other broker while much is left', () => {
    for (const brokers of [0, 1, 2, 4]) {
      const rows = chunkRows({ limit: 1_000, reserved: 0, needed: 1, brokers });
      assert.equal(rows, 1_000 / (2 * Math.max(1, brokers)));
    }
  });

  it('are none when fewer are left than needed', () => {
    assert.equal(chunkRows({ limit: 10, reserved: 8, needed: 3, brokers: 1 }), 0);
    assert.equal(chunkRows({ limit: 10, reserved: 8, needed: 2, brokers: 1 }), 2);
    assert.equal(chunkRows({ limit: 10, reserved: 10, needed: 1, brokers: 1 }), 0);
  });
});

describe('the day of a reservation', () => {
  const at = (time: string) => Date.parse(time);

  it('is yesterday, today or tomorrow in Asia/Jakarta', () => {
    const lateEvening = at('2026-03-10T16:59:59.999Z'); // 23:59:59.999 WIB
    const midnight = at('2026-03-10T17:00:00Z');
    const days = ['2026-03-08', '2026-03-09', '2026-03-10', '2026-03-11', '2026-03-12'];
    assert.deepEqual(
      days.filter((day) => isReservable(day, lateEvening)),
      ['2026-03-09', '2026-03-10', '2026-03-11'],
    );
    assert.deepEqual(
      days.filter((day) => isReservable(day, midnight)),
      ['2026-03-10', '2026-03-11', '2026-03-12'],
    );
  });

  it('is a day that exists', () => {
    assert.equal(isReservable('2026-02-29', at('2026-03-01T00:00:00Z')), false);
    assert.equal(isReservable('2028-02-29', at('2028-03-01T00:00:00Z')), true);
    assert.equal(isReservable('2026-13-01', at('2026-12-31T00:00:00Z')), false);
    assert.equal(isReservable('0000-00-00', at('2026-12-31T00:00:00Z')), false);
  });
});
