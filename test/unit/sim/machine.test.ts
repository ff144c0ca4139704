import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { Machine } from '../../../sim/machine.ts';
import { Scheduler } from '../../../sim/scheduler.ts';

const never = () => false;
const inOrder = (work: (() => void)[]) => work;

describe('a simulated machine', () => {
  let scheduler: Scheduler;
  let machine: Machine;
  let seen: number[];
  const note = () => seen.push(scheduler.nowMs);

  beforeEach(() => {
    scheduler = new Scheduler();
    machine = new Machine('broker-1', scheduler, { startMs: 1_000_000 }, { rate: 1, wallOffsetMs: 50 });
    seen = [];
  });

  it('has a monotonic clock that stands still while it is suspended, and a wall clock that does not', async () => {
    scheduler.after(1_000, () => machine.suspend());
    scheduler.after(4_000, () => assert.equal(machine.clock().monoMs, 1_000));
    scheduler.after(5_000, () => machine.resume(inOrder));
    scheduler.after(6_000, () => assert.deepEqual(machine.clock(), { monoMs: 2_000, wallMs: 1_006_050 }));
    machine.timer(1_500, note);
    await scheduler.run(10_000, never);
    assert.deepEqual(seen, [5_500]);
  });

  it('has clocks that run on while it is paused, and does then what was due', async () => {
    scheduler.after(1_000, () => machine.pause());
    scheduler.after(5_000, () => machine.resume(inOrder));
    machine.timer(1_500, note);
    await scheduler.run(10_000, never);
    assert.deepEqual(seen, [5_000]);
    assert.equal(machine.clock().monoMs, 5_000);
  });

  it('has a wall clock that is set, and a monotonic one that is not and may run too fast', () => {
    const fast = new Machine('broker-2', scheduler, { startMs: 0 }, { rate: 1.01, wallOffsetMs: 0 });
    scheduler.nowMs = 1_000;
    fast.stepWallClock(-400);
    assert.deepEqual(fast.clock(), { monoMs: 1_010, wallMs: 600 });
  });

  it('does nothing in a later process that an earlier one began', async () => {
    machine.timer(1_000, note);
    const late = machine.guard(note);
    machine.pause();
    late();
    machine.kill();
    machine.resume(inOrder);
    late();
    await scheduler.run(5_000, never);
    assert.deepEqual(seen, []);
  });

  it('cancels timers, also those that waited for a suspended machine', async () => {
    const cancel = machine.timer(1_000, note);
    scheduler.after(500, () => machine.suspend());
    scheduler.after(2_000, () => machine.resume(inOrder));
    scheduler.after(2_200, cancel);
    await scheduler.run(10_000, never);
    assert.deepEqual(seen, []);
  });
});
