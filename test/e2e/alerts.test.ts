import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { CallRefused } from '../../cli/client/refusal.ts';
import { repositoryDir } from '../../cli/state/layout.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const DENIALS = 50;

describe('a burst of denials', function () {
  this.timeout(180_000);
  let mesh: TestMesh;

  before(async () => {
    mesh = await startMesh({ residents: 100 });
  });

  after(() => mesh.stop());

  /** More than 20 a second are refused undecided and no record each. */
  async function denied(): Promise<void> {
    for (let recorded = 0; recorded < DENIALS; ) {
      try {
        await mesh.call('DINSOS', 'GetResident', { nik: '1371999999999999' }, { purpose: 'PELAYANAN_PUBLIK' });
        assert.fail('DINSOS has no permit');
      } catch (error) {
        if (!(error instanceof CallRefused)) throw error;
        if (error.refusal.reason === 'NO_PERMIT') recorded++;
        else await delay(100);
      }
    }
  }

  it('is an alert in the stream, open until a named person of the security team takes note of it', async () => {
    const words = [
      join(repositoryDir, 'cli', 'main.ts'),
      'audit',
      'watch',
      '--json',
      '--kind',
      'ALERT',
      '--opd',
      'DINSOS',
    ];
    const watching = spawn(process.execPath, [...words, '--from', '0', '--state', mesh.stateDir], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const lines = createInterface({ input: watching.stdout })[Symbol.asyncIterator]();
      await denied();
      let alert = JSON.parse(String((await lines.next()).value));
      // A machine that is fast enough floods first, which is another alert.
      while (alert.leaf.reason !== 'DENIAL_BURST') alert = JSON.parse(String((await lines.next()).value));
      const { opd, system, writer, note } = alert.leaf;
      assert.deepEqual([opd, system, writer], ['DINSOS', 'layanan', 'audit']);

      const open = await mesh.cli('audit', 'alerts');
      assert.match(open.stdout, new RegExp(`^ *${alert.index} .*DENIAL_BURST`, 'm'));
      const first = await mesh.cli('audit', 'show', note.causedBy[0]);
      assert.match(first.stdout, /"kind": "KIND_DENIED"/);

      const remark = 'Program salah disetel; OPD diberi tahu.';
      const acknowledge = ['audit', 'acknowledge', alert.index, '--remark', remark, '--person', 'Dewi Lestari'];
      const taken = await mesh.cli(...acknowledge);
      assert.equal(taken.code, 0, taken.stderr);
      assert.match(taken.stdout, /ALERT_ACKNOWLEDGED.*Program salah disetel/);
      assert.doesNotMatch(taken.stdout, /Dewi/);
      assert.doesNotMatch((await mesh.cli('audit', 'alerts')).stdout, new RegExp(`^ *${alert.index} `, 'm'));
      assert.match((await mesh.cli('audit', 'alerts', '--all')).stdout, /Program salah disetel/);
    } finally {
      watching.kill('SIGTERM');
      await once(watching, 'exit');
    }
  });
});
