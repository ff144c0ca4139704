import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { openPool } from '#mesh/sql.ts';
import { CallRefused } from '../../cli/client/refusal.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const CALLER = 'PKM-LUBUK-BUAYA';

describe('a suspension', function () {
  this.timeout(240_000);
  let mesh: TestMesh;
  let nik: string;
  let permit: string;

  before(async () => {
    mesh = await startMesh();
    const demo = mesh.demo[CALLER];
    assert.ok(demo?.nikInside && demo.permit);
    nik = demo.nikInside;
    permit = demo.permit;
  });

  after(() => mesh.stop());

  async function ask(broker: number): Promise<string> {
    try {
      await mesh.call(CALLER, 'GetResident', { nik }, { purpose: 'PELAYANAN_PUBLIK', broker });
      return 'DATA';
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      return error.refusal.reason;
    }
  }

  /** Brokers learn of a widening one by one, with their next renewal. */
  async function untilAnswered(broker: number): Promise<void> {
    while ((await ask(broker)) !== 'DATA') await delay(50);
  }

  const json = async (...words: string[]) => JSON.parse((await mesh.cli(...words, '--json')).stdout);

  it('counts at both brokers when it is answered, and the OPD reads why', async () => {
    assert.deepEqual([await ask(1), await ask(2)], ['DATA', 'DATA']);
    const words = ['--reason', 'KEWAJIBAN_TIDAK_DIPENUHI', '--remarks', 'Laporan semester I belum masuk.'];
    const { answer } = await json('permit', 'suspend', permit, ...words);
    assert.equal(answer.permit.state, 'PERMIT_STATE_SUSPENDED');
    assert.equal(answer.brokersConfirmed, 2);
    assert.deepEqual([await ask(1), await ask(2)], ['PERMIT_SUSPENDED', 'PERMIT_SUSPENDED']);
    const seen = JSON.parse((await mesh.cli('permit', 'show', permit, '--as', CALLER)).stdout);
    assert.equal(seen.suspensionRemarks, 'Laporan semester I belum masuk.');
    assert.match((await mesh.cli('permit', 'list', '--only', 'SUSPENDED')).stdout, new RegExp(permit));
  });

  it('ends at both brokers with what the Walikota signs', async () => {
    const words = ['--number', '470/013/PEMULIHAN/2026', '--reason', 'Laporan sudah diterima lengkap.'];
    const { answer } = await json('permit', 'reinstate', permit, ...words);
    assert.equal(answer.state, 'PERMIT_STATE_ACTIVE');
    await untilAnswered(1);
    await untilAnswered(2);
    const again = await mesh.cli('permit', 'reinstate', permit, ...words);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /tidak ditangguhkan/);
  });

  it('leaves a permit that can be renewed, under which calls go on', async () => {
    const { answer } = await json('permit', 'renew', permit, '--number', '470/101/IZIN-DATA/2026', '--months', '6');
    assert.equal(answer.permit.izin.version, 1);
    assert.equal(answer.permit.state, 'PERMIT_STATE_ACTIVE');
    assert.deepEqual([await ask(1), await ask(2)], ['DATA', 'DATA']);
  });

  it("stays when the Walikota's key is rotated or withdrawn, and only the key in force renews it", async () => {
    const document = ['--number', '470/020/KUNCI/2026', '--reason', 'Pergantian kunci tahunan.'];
    const { answer: rotated } = await json('permit', 'rotate-key', ...document);
    assert.deepEqual(
      rotated.keys.map(({ ended }: { ended?: true }) => ended ?? false),
      [true, false, false],
    );
    const first = await json('permit', 'renew', permit, '--number', '470/102/IZIN-DATA/2026');
    assert.equal(first.answer.permit.izin.version, 2);
    assert.deepEqual([await ask(1), await ask(2)], ['DATA', 'DATA']);

    const stolen = rotated.keys[2].thumbprint;
    const { answer: withdrawn } = await json('permit', 'withdraw-key', stolen, '--office', ...document);
    assert.equal(withdrawn.brokersConfirmed, 2);
    const refused = await mesh.cli('permit', 'renew', permit, '--number', '470/103/IZIN-DATA/2026');
    assert.match(refused.stderr, /SIGNING_KEY_ENDED/);
    await json('permit', 'rotate-key', '--office', ...document);
    const second = await json('permit', 'renew', permit, '--number', '470/103/IZIN-DATA/2026');
    assert.equal(second.answer.permit.izin.version, 3);
    assert.deepEqual([await ask(1), await ask(2)], ['DATA', 'DATA']);
    assert.match((await mesh.cli('permit', 'keys', '--as', 'SECURITY')).stdout, new RegExp(`${stolen}  BERAKHIR`));
  });

  it('comes by itself when data balikan are not given back, and ends once they are confirmed', async () => {
    const { izin } = JSON.parse((await mesh.cli('permit', 'show', permit, '--json')).stdout);
    const firstDue = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10);
    const owed = { kind: 'GOLONGAN_DARAH', firstDue, everyMonths: 6, graceDays: 30 };
    const file = join(mesh.stateDir, 'izin.json');
    await writeFile(file, JSON.stringify({ ...izin, dataBalikan: [owed] }));
    await json('permit', 'renew', permit, '--number', '470/104/IZIN-DATA/2026', '--file', file);
    assert.deepEqual([await ask(1), await ask(2)], ['DATA', 'DATA']);

    // As if the permit had been in force for longer; the next look at it is a start away.
    const url = new URL(mesh.endpoints().postgres);
    url.pathname = '/permit';
    const pool = openPool(url.href, { max: 1 });
    await pool.query(`update permits set duties_since = duties_since - interval '1 year', duties_seen_on = null`);
    await pool.end();
    await mesh.order('stop', 'permit');
    await mesh.order('start', 'permit');
    while ((await ask(1)) !== 'PERMIT_SUSPENDED' || (await ask(2)) !== 'PERMIT_SUSPENDED') await delay(50);
    const question = ['--unit', CALLER, '--purpose', 'PELAYANAN_PUBLIK', '--lang', 'en'];
    const told = await mesh.cli('permit', 'explain', CALLER, 'GetResident', ...question);
    assert.match(told.stdout, new RegExp(`lacks data balikan GOLONGAN_DARAH ${firstDue}`));

    const duty = ['GOLONGAN_DARAH', firstDue];
    assert.match((await mesh.cli('permit', 'duties', '--as', CALLER)).stdout, /^OVERDUE/);
    const sign = ['--number', '470/105/PEMULIHAN/2026', '--reason', 'Data balikan sudah lengkap.'];
    assert.match((await mesh.cli('permit', 'reinstate', permit, ...sign)).stderr, /DUTY_OPEN/);
    const letter = ['--reference', '445/17/DKK/2026', '--summary', 'Golongan darah 1.204 pasien.'];
    await json('permit', 'hand-in', CALLER, permit, ...duty, ...letter);
    const confirmed = await json('permit', 'confirm-report', permit, ...duty, '--remarks', 'Lengkap dan sesuai.');
    assert.equal(confirmed.answer.state, 'DUTY_STATE_CONFIRMED');
    await json('permit', 'reinstate', permit, ...sign);
    await untilAnswered(1);
    await untilAnswered(2);
  });
});
