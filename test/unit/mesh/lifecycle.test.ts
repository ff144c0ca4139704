import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Child, startChild } from '../../support/child.ts';

const start = (behaviour: string, env?: Record<string, string>): Child =>
  startChild(new URL('../../support/small-process.ts', import.meta.url), [behaviour], env);

const messages = (child: Child): string[] => child.lines.map(({ msg }) => msg);

describe('runProcess', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops in reverse order on ${signal} and exits with 0, whatever one step does`, async () => {
      const child = start('serve');
      await child.said('ready');
      child.process.kill(signal);
      assert.equal(await child.exit, 0);
      assert.deepEqual(messages(child), [
        'ready',
        'stopping',
        'draining',
        'a step of stopping failed',
        'closing the database',
      ]);
    });
  }

  it('says ready as one JSON line, also when it logs nothing else', async () => {
    const child = start('serve', { RANGKIANG_LOG_LEVEL: 'fatal' });
    const line = await child.said('ready');
    assert.deepEqual(Object.keys(line), ['level', 'time', 'pid', 'name', 'msg']);
    assert.deepEqual([line.name, line.pid], ['small', child.process.pid]);
    child.process.kill('SIGTERM');
    await child.exit;
    assert.deepEqual(messages(child), ['ready']);
  });

  it('undoes a start that fails and exits with 1', async () => {
    const child = start('failToStart');
    assert.equal(await child.exit, 1);
    assert.deepEqual(messages(child), ['the start failed', 'undone']);
  });

  it('reports all faults of the configuration', async () => {
    const child = start('lackConfiguration');
    assert.equal(await child.exit, 1);
    const line = await child.said('the configuration is wrong');
    assert.equal((line.faults as string[]).length, 6);
  });

  it('exits with 1 on an error that nobody caught', async () => {
    const child = start('failLater');
    assert.equal(await child.exit, 1);
    assert.equal((await child.said('unexpected error')).level, 'fatal');
  });

  it('ends at once on a second signal', async () => {
    const child = start('neverStop');
    await child.said('ready');
    child.process.kill('SIGTERM');
    await child.said('waiting for ever');
    child.process.kill('SIGTERM');
    assert.equal(await child.exit, 1);
  });
});
