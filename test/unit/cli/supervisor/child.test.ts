import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { commandOf, freePort } from '../../../../cli/embedded/process.ts';
import { Child } from '../../../../cli/supervisor/child.ts';
import { untilServing } from '../../../../cli/supervisor/health.ts';
import type { ProcessPlan } from '../../../../cli/supervisor/process-table.ts';

const entry = join(import.meta.dirname, '..', '..', '..', 'support', 'serving-process.ts');

describe('child', () => {
  let directory: string;
  let events: string[];
  let onEvent: () => void;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rangkiang-child-'));
    events = [];
    onEvent = () => {};
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function childWith(env: Record<string, string>, stopPatienceMs?: number): Promise<Child> {
    const health = `127.0.0.1:${await freePort()}`;
    const plan: ProcessPlan = {
      name: 'audit',
      entry,
      env: { RANGKIANG_HEALTH_LISTEN: health, ...env },
      address: health,
      health,
    };
    const onChange = (event: string) => {
      events.push(event);
      onEvent();
    };
    return new Child(plan, join(directory, 'child.log'), onChange, stopPatienceMs);
  }

  /** Resolves when the child has been started for the nth time. */
  function started(times: number): Promise<void> {
    return new Promise((resolve) => {
      onEvent = () => {
        if (events.filter((event) => event === 'started').length === times) resolve();
      };
    });
  }

  it('starts, serves, and stays stopped when stopped', async () => {
    const child = await childWith({});
    await child.start();
    const { pid } = child;
    assert.ok(commandOf(pid)?.includes('serving-process'));
    await child.stop();
    assert.equal(child.pid, 0);
    assert.equal(commandOf(pid), undefined);
    assert.deepEqual(events, ['started']);
  });

  it('is started again at the same address when it is killed', async () => {
    const child = await childWith({});
    await child.start();
    const { pid } = child;
    const again = started(2);
    process.kill(pid, 'SIGKILL');
    await again;
    await untilServing(child.plan.health, AbortSignal.timeout(20_000));
    assert.notEqual(child.pid, pid);
    assert.deepEqual(events, ['started', 'died', 'started']);
    await child.stop();
  });

  it('is killed when it does not end in time', async () => {
    const child = await childWith({}, 100);
    await child.start();
    process.kill(child.pid, 'SIGSTOP');
    await child.stop();
    assert.equal(child.pid, 0);
  });

  it('fails with the name of its log when it ends before it serves, and is not tried again', async () => {
    const child = await childWith({ FAULT: '1' });
    await assert.rejects(child.start(), /child\.log/);
    assert.equal(child.pid, 0);
    assert.deepEqual(events, ['started']);
  });

  it('may be started again after it was stopped', async () => {
    const child = await childWith({});
    await child.start();
    await child.stop();
    await child.start();
    assert.ok(child.pid > 0);
    await child.stop();
  });

  it('ends when its supervisor is killed', async () => {
    const health = `127.0.0.1:${await freePort()}`;
    const supervisor = fork(join(import.meta.dirname, '..', '..', '..', 'support', 'supervising-process.ts'), {
      env: { ...process.env, HEALTH: health, LOG: join(directory, 'child.log') },
    });
    const [pid] = (await once(supervisor, 'message')) as [number];
    assert.ok(commandOf(pid));
    supervisor.kill('SIGKILL');
    while (commandOf(pid) !== undefined) await new Promise((resolve) => setImmediate(resolve));
  });
});
