import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { openPool } from '#mesh/sql.ts';
import { openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { CallRefused } from '../../cli/client/refusal.ts';
import { repositoryDir } from '../../cli/state/layout.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const UNIT = 'PKM-LUBUK-BUAYA';
const BROKERS = [1, 2];

describe('a log that was rewritten as a whole and signed anew with the real key', function () {
  this.timeout(300_000);
  let mesh: TestMesh;

  before(async () => {
    mesh = await startMesh({ residents: 100 });
  });

  after(() => mesh.stop());

  async function reasonOf(broker: number): Promise<string> {
    const request = { nik: mesh.demo[UNIT]?.nikInside };
    try {
      await mesh.call(UNIT, 'GetResident', request, { purpose: 'PELAYANAN_PUBLIK', broker });
      return 'ANSWERED';
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      return error.refusal.reason;
    }
  }

  const checkpointOf = (process: string) =>
    readFile(join(mesh.layout.memory(process), 'checkpoint'), 'utf8').catch(() => '');
  const headOf = async (note: string) => openCheckpoint(note, verifierOf(await readFile(mesh.layout.logKey, 'utf8')));

  async function alarmed(broker: number, alarm: string): Promise<void> {
    const file = mesh.layout.log(`broker-${broker}`);
    while (!(await readFile(file, 'utf8')).includes(`"alarm":"${alarm}"`)) await delay(50);
  }

  /** Follows the log as the security team; resolves once a head was checked. */
  async function watch() {
    const words = [join(repositoryDir, 'cli', 'main.ts'), 'audit', 'watch', '--lang', 'en', '--state', mesh.stateDir];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    const told = { text: '' };
    child.stderr.on('data', (chunk) => {
      told.text += chunk;
    });
    const exit = once(child, 'exit');
    while (!/head of the log is checked/.test(told.text)) await once(child.stderr, 'data');
    return { told, exit };
  }

  it('is refused by the witness and by every broker, and whoever watches is told', async () => {
    for (const broker of BROKERS) assert.equal(await reasonOf(broker), 'ANSWERED');
    const watching = await watch();
    const witnessed = await headOf(await checkpointOf('witness'));
    assert.ok(witnessed.size > 0n);

    await mesh.order('stop', 'audit');
    await mesh.order('stop', 'signer');
    const seen = await checkpointOf('witness');
    const url = new URL(mesh.endpoints().postgres);
    url.pathname = '/audit';
    const pool = openPool(url.href, { max: 1 });
    // One record says something else; every hash above it, and the nodes, are made to fit.
    await pool.query(
      `update entry set leaf = leaf || '\\xf83f01', leaf_hash = sha256('\\x00'::bytea || leaf || '\\xf83f01') where index = 3;
       truncate tree_node; select grow_tree(0, size) from tree_head; delete from published`,
    );
    await pool.end();
    await rm(join(mesh.layout.memory('signer'), 'checkpoint'));
    await mesh.order('start', 'signer');
    await mesh.order('start', 'audit');

    // The real key signs it: the signer has forgotten what it signed.
    while ((await checkpointOf('signer')) === '') await delay(50);
    const forged = await checkpointOf('signer');
    const head = await headOf(forged);
    assert.ok(head.size >= witnessed.size);

    for (const broker of BROKERS) {
      await alarmed(broker, 'LOG_FORKED');
      assert.equal(await reasonOf(broker), 'AUDIT_UNAVAILABLE');
    }
    // Also when it is started anew: what it has seen is on its disk.
    await mesh.order('stop', 'broker-1');
    await mesh.order('start', 'broker-1');
    assert.notEqual(await reasonOf(1), 'ANSWERED');

    const kept = await headOf(seen);
    const answer = await fetch(`http://${mesh.endpoints().processes.witness?.address}/add-checkpoint`, {
      method: 'POST',
      body: `old ${kept.size}\n\n${forged}`,
    });
    assert.ok([400, 409, 422].includes(answer.status), String(answer.status));
    assert.deepEqual(await headOf(await checkpointOf('witness')), kept);
    assert.equal((await mesh.cli('audit', 'verify')).code, 1);

    const [code] = await watching.exit;
    assert.equal(code, 1);
    assert.match(watching.told.text, /ALARM.*(forked|fewer).*Inspektorat/s);
  });
});
