import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Scheduler } from '../../../sim/scheduler.ts';

const never = () => false;

describe('virtual time', () => {
  it('runs events in the order of their time, and equal ones in the order in which they were made', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20)), async (delays) => {
        const scheduler = new Scheduler();
        const ran: { delay: number; index: number }[] = [];
        delays.forEach((delay, index) => {
          scheduler.after(delay, () => {
            assert.equal(scheduler.nowMs, delay);
            ran.push({ delay, index });
          });
        });
        await scheduler.run(100, never);
        const expected = delays.map((delay, index) => ({ delay, index })).sort((a, b) => a.delay - b.delay);
        assert.deepEqual(ran, expected);
      }),
    );
  });

  it('goes on only when every promise that an event set off has come to rest', async () => {
    const scheduler = new Scheduler();
    const seen: number[] = [];
    scheduler.after(1, () => {
      void (async () => {
        for (let step = 0; step < 50; step += 1) await Promise.resolve();
        seen.push(scheduler.nowMs);
      })();
    });
    scheduler.after(2, () => seen.push(scheduler.nowMs));
    await scheduler.run(10, never);
    assert.deepEqual(seen, [1, 2]);
  });

  it('forgets cancelled events, and stops when told or when its time is over', async () => {
    const scheduler = new Scheduler();
    const seen: string[] = [];
    scheduler.after(1, () => seen.push('cancelled'))();
    scheduler.after(2, () => seen.push('first'));
    scheduler.after(3, () => seen.push('second'));
    scheduler.after(30, () => seen.push('late'));
    await scheduler.run(10, () => seen.length === 2);
    assert.deepEqual(seen, ['first', 'second']);
    await scheduler.run(10, never);
    assert.deepEqual(seen, ['first', 'second']);
  });
});
