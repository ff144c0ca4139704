import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, it } from 'mocha';
import { Memory } from '../../../broker/memory.ts';
import { nothingSeen, type Remembered } from '../../../broker/memory-file.ts';

describe('Memory', () => {
  let saved: string[];
  let faults: unknown[];
  let timers: (() => void)[];
  let save: () => Promise<void>;
  let memory: Memory;
  beforeEach(() => {
    saved = [];
    faults = [];
    timers = [];
    save = async () => {};
    memory = new Memory(
      {
        save: async ({ version, auditSize }: Remembered) => {
          await save();
          saved.push(`${version} ${auditSize}`);
        },
      },
      nothingSeen,
      {
        timer: (_delayMs, run) => {
          timers.push(run);
          return () => {
            timers = timers.filter((each) => each !== run);
          };
        },
        onFault: (error) => faults.push(error),
      },
    );
  });
  const policy = (version: bigint) => memory.seePolicy({ version, digest: Buffer.alloc(32, Number(version)) });

  it('writes a new head of the policy at once, and the growth of the audit log now and then', async () => {
    policy(3n);
    await setImmediate();
    for (const size of [7n, 8n, 9n]) memory.seeAudit(size);
    await setImmediate();
    assert.deepEqual(saved, ['3 0']);
    assert.equal(timers.length, 1);
    timers[0]?.();
    await setImmediate();
    assert.deepEqual(saved, ['3 0', '3 9']);
  });

  it('never goes back', async () => {
    policy(3n);
    policy(2n);
    memory.seeAudit(9n);
    memory.seeAudit(4n);
    await memory.close();
    assert.deepEqual(saved.at(-1), '3 9');
  });

  it('writes one after the other, and what changed meanwhile after that', async () => {
    const first = Promise.withResolvers<void>();
    save = () => first.promise;
    for (const version of [1n, 2n, 3n]) policy(version);
    first.resolve();
    await memory.close();
    assert.deepEqual(saved, ['1 0', '3 0']);
  });

  it('tells of a write that failed, and tries again with the next change', async () => {
    save = async () => {
      throw new Error('ENOSPC');
    };
    policy(1n);
    await setImmediate();
    assert.equal(faults.length, 1);
    save = async () => {};
    policy(2n);
    await memory.close();
    assert.deepEqual(saved, ['2 0']);
  });

  it('writes what is left when it is closed', async () => {
    memory.seeAudit(5n);
    await memory.close();
    assert.deepEqual(saved, ['0 5']);
    assert.equal(timers.length, 0);
  });
});
