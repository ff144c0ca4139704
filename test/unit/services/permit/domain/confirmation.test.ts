import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { awaitBrokers, LEASE_MS } from '../../../../../services/permit/domain/confirmation.ts';
import { VirtualClock } from '../../../../support/permit-service.ts';

describe('waiting for brokers', () => {
  it('ends when nobody is behind, and not before an older lease could be over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 400 }), async (behindAtEachLook) => {
        const clock = new VirtualClock();
        let looks = 0;
        const standing = async () => {
          const behind = behindAtEachLook[looks] ?? 1;
          looks += 1;
          return { current: 3 - behind, behind };
        };
        const { behind } = await awaitBrokers(standing, clock);
        if (behind > 0) assert.ok(clock.nowMs() > LEASE_MS);
        else assert.equal(looks, behindAtEachLook.indexOf(0) + 1);
      }),
      { numRuns: 20 },
    );
  });

  it('counts time that passes while it looks', async () => {
    const clock = new VirtualClock();
    const slow = async () => {
      await clock.sleep(2_000);
      return { current: 0, behind: 1 };
    };
    assert.deepEqual(await awaitBrokers(slow, clock), { current: 0, behind: 1 });
    assert.ok(clock.nowMs() <= 8_000);
  });

  it('does not answer when it cannot look', async () => {
    const failing = () => Promise.reject(new Error('the database is away'));
    await assert.rejects(awaitBrokers(failing, new VirtualClock()), /away/);
  });
});
