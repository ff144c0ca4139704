import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CliFailure } from '../../../../cli/failure.ts';
import { type Layout, layoutOf } from '../../../../cli/state/layout.ts';
import { askControl, takeControl } from '../../../../cli/supervisor/control.ts';

describe('control', () => {
  let layout: Layout;
  beforeEach(async () => {
    layout = layoutOf(await mkdtemp(join(tmpdir(), 'rangkiang-control-')));
  });
  afterEach(() => rm(layout.dir, { recursive: true }));

  it('carries an order to the running mesh and its answer back', async () => {
    const orders: unknown[] = [];
    const control = await takeControl(layout, async (request) => {
      orders.push(request);
      return { pid: 42 };
    });
    assert.deepEqual(await askControl(layout, { command: 'stop', process: 'audit' }), { pid: 42 });
    assert.deepEqual(orders, [{ command: 'stop', process: 'audit' }]);
    await control.close();
  });

  it("carries a failure's words in both languages", async () => {
    const text = { id: 'tidak ada', en: 'there is none' };
    const control = await takeControl(layout, () => Promise.reject(new CliFailure(text)));
    await assert.rejects(askControl(layout, { command: 'stop', process: 'x' }), { text });
    await control.close();
  });

  it('refuses a second mesh in the same directory, and takes a directory that a killed one left', async () => {
    const control = await takeControl(layout, async () => ({ pid: 1 }));
    await assert.rejects(
      takeControl(layout, async () => ({ pid: 2 })),
      /already running/,
    );
    await control.close();
    await writeFile(layout.controlSocket, '');
    const again = await takeControl(layout, async () => ({ pid: 3 }));
    await again.close();
  });

  it('does not wait for whoever connects and asks nothing', async () => {
    const control = await takeControl(layout, async () => ({ pid: 1 }));
    const silent = connect(layout.controlSocket);
    await once(silent, 'connect');
    await control.close();
  });

  it('says that no mesh runs when nobody listens', async () => {
    await assert.rejects(askControl(layout, { command: 'start', process: 'audit' }), /No mesh is running/);
  });
});
