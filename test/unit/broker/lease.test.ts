import assert from 'node:assert/strict';
import fc from 'fast-check';
import { beforeEach, describe, it } from 'mocha';
import type { Instant } from '../../../broker/clock.ts';
import { Lease } from '../../../broker/lease.ts';

function instant(monoMs: number, wallMs = monoMs): Instant {
  return { monoMs, wallMs };
}

describe('Lease', () => {
  let lease: Lease;
  beforeEach(() => {
    lease = new Lease();
  });

  it('is dead before the first renewal', () => {
    assert.equal(lease.at(instant(0)).live, false);
  });

  it('counts from before the renewal was sent, not from the answer', () => {
    lease.renewed(instant(1_000), instant(1_900), { authorityMs: 5_000, leaseMs: 3_000 });
    assert.equal(lease.at(instant(3_999)).live, true);
    assert.equal(lease.at(instant(4_000)).live, false);
  });

  it('ends by whichever clock saw more time pass', () => {
    lease.renewed(instant(0), instant(0), { authorityMs: 0, leaseMs: 3_000 });
    assert.equal(lease.at(instant(100, 3_000)).live, false, 'a machine that was suspended');
    assert.equal(lease.at(instant(3_000, -9_000)).live, false, 'a wall clock that was set back');
    assert.equal(lease.at(instant(2_999, -9_000)).live, true);
  });

  it('is never longer than 3 s', () => {
    lease.renewed(instant(0), instant(0), { authorityMs: 0, leaseMs: 60_000 });
    assert.equal(lease.at(instant(3_000)).live, false);
  });

  it('is dead once dropped, and live again once renewed', () => {
    lease.renewed(instant(0), instant(0), { authorityMs: 0, leaseMs: 3_000 });
    lease.drop();
    assert.equal(lease.at(instant(1)).live, false);
    lease.renewed(instant(2), instant(2), { authorityMs: 0, leaseMs: 3_000 });
    assert.equal(lease.at(instant(3)).live, true);
  });

  it("holds the authority's clock between its two ends, whatever the delays", () => {
    const ms = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(ms, ms, ms, fc.integer(), fc.integer(), (toThere, back, later, wallOffset, authorityOffset) => {
        const readAt = toThere;
        const receivedAt = toThere + back;
        const now = receivedAt + later;
        lease.renewed(instant(0, wallOffset), instant(receivedAt, wallOffset + receivedAt), {
          authorityMs: readAt + authorityOffset,
          leaseMs: 3_000,
        });
        const { earliestMs, latestMs } = lease.at(instant(now, wallOffset + now));
        assert(earliestMs <= now + authorityOffset && now + authorityOffset <= latestMs);
        assert.equal(latestMs - earliestMs, receivedAt);
      }),
    );
  });
});
