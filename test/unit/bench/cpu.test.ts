import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parentOf, parseBusyMs, parseStat, processCpuMs } from '../../../bench/cpu.ts';

describe('parseStat', () => {
  it('reads times behind a name that holds spaces and parentheses', () => {
    const line = '71 (a (b) c) S 12 71 71 0 -1 4194560 9 0 0 0 150 25 7 3 20 0 11 0 100 1000 20 0';
    assert.deepEqual(parseStat(line), { parent: 12, ownMs: 1_750, endedChildrenMs: 100 });
  });

  it('throws at a line that is cut off', () => {
    assert.throws(() => parseStat('71 (node) S 12 71'), RangeError);
  });
});

describe('parseBusyMs', () => {
  it('adds up all but idle and waiting for disks', () => {
    assert.equal(parseBusyMs('cpu  100 1 20 5000 70 3 4 6 0 0\ncpu0 50 0 10 2500 35 1 2 3 0 0\n'), 1_340);
  });
});

describe('the CPU time of this process', () => {
  it('agrees with what Node says, and so does its parent', () => {
    const { user, system } = process.cpuUsage();
    assert.ok(Math.abs(processCpuMs(process.pid) - (user + system) / 1000) < 100);
    assert.equal(parentOf(process.pid), process.ppid);
  });
});
