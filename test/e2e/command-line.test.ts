import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { openPool } from '#mesh/sql.ts';
import { prepareMesh } from '../../cli/first-run/prepare.ts';
import { callers } from '../../cli/state/callers.ts';
import type { Endpoints } from '../../cli/state/endpoints.ts';
import { repositoryDir } from '../../cli/state/layout.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

describe('command line on a running mesh', function () {
  this.timeout(240_000);
  let mesh: TestMesh;
  before(async () => {
    mesh = await startMesh();
  });
  after(() => mesh.stop());

  const get = (nik: string | null | undefined) => JSON.stringify({ nik });
  const json = async (...words: string[]) => JSON.parse((await mesh.cli(...words, '--json')).stdout);

  it('finds a state directory with every caller, keys for their owner only', async () => {
    for (const { name } of callers) {
      assert.match(await readFile(join(mesh.stateDir, 'clients', `${name}.crt`), 'utf8'), /BEGIN CERTIFICATE/);
      assert.equal((await stat(join(mesh.stateDir, 'clients', `${name}.key`))).mode & 0o777, 0o600);
    }
    const endpoints: Endpoints = JSON.parse(await readFile(join(mesh.stateDir, 'endpoints.json'), 'utf8'));
    assert.deepEqual(endpoints, mesh.endpoints());
    assert.deepEqual(Object.keys(endpoints.processes), [
      'signer',
      'witness',
      'audit',
      'permit',
      'resident',
      'broker-1',
      'broker-2',
    ]);
    assert.equal(endpoints.broker, endpoints.brokers[0]?.address);
  });

  it('shows only granted elements, and the same refusal outside the kecamatan as for nobody', async () => {
    const puskesmas = mesh.demo['PKM-LUBUK-BUAYA'];
    assert.ok(puskesmas);
    const call = (nik: string | null) => [
      'call',
      'PKM-LUBUK-BUAYA',
      'GetResident',
      get(nik),
      '--purpose',
      puskesmas.purpose,
    ];
    const inside = await json(...call(puskesmas.nikInside));
    assert.equal(inside.permit, puskesmas.permit);
    const granted = puskesmas.elements.map((name) =>
      name.toLowerCase().replace(/_(\w)/g, (_, c: string) => c.toUpperCase()),
    );
    for (const field of Object.keys(inside.answer.resident)) assert.ok(granted.includes(field), field);
    const outside = await json(...call(puskesmas.nikOutside));
    const nobody = await json(...call('1371999999999999'));
    assert.equal(outside.error.reason, 'RESIDENT_NOT_FOUND');
    assert.deepEqual({ ...outside.error, auditIndex: '' }, { ...nobody.error, auditIndex: '' });
  });

  it('tells an OPD without a permit in words what to do, and the security team that it asked', async () => {
    const words = ['call', 'DINSOS', 'GetResident', get(mesh.demo.DINSOS?.nikOutside), '--purpose', 'PELAYANAN_PUBLIK'];
    const { code, stdout, stderr } = await mesh.cli(...words);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /SubmitApplication.*NO_PERMIT/s);
    const { stdout: log } = await mesh.cli('audit', 'find', '--opd', 'DINSOS', '--kind', 'DENIED', '--limit', '1');
    assert.match(log, /DENIED +DINSOS\/PUSAT\/layanan +GetResident +PELAYANAN_PUBLIK +alasan NO_PERMIT/);
  });

  it('shows a resident who looked, with a receipt that holds offline, until they are erased', async () => {
    const puskesmas = mesh.demo['PKM-LUBUK-BUAYA'];
    const nik = join(mesh.stateDir, 'asked');
    const stranger = join(mesh.stateDir, 'other');
    await writeFile(nik, `${puskesmas?.nikInside}\n`);
    await writeFile(stranger, '1371999999999999\n');
    const look = ['call', 'PKM-LUBUK-BUAYA', 'GetResident', get(puskesmas?.nikInside), '--purpose', 'PELAYANAN_PUBLIK'];
    const { auditIndex } = await json(...look);
    const receipts = join(mesh.stateDir, 'receipts');
    const ask = (...words: string[]) => mesh.cli('audit', 'accesses', nik, '--receipts', receipts, ...words);
    const file = join(receipts, `receipt-${auditIndex}.json`);
    let told = await ask();
    // The head is signed within a second.
    while (!(await stat(file).catch(() => undefined))) told = await ask();
    const line = told.stdout.split('\n').find((text) => text.trim().startsWith(`${auditIndex} `));
    assert.match(
      line ?? '',
      /DKK\/PKM-LUBUK-BUAYA {2}GetResident {2}PELAYANAN_PUBLIK {2}UU 17\/2023 \(Kesehatan\).*470\/001\/IZIN-DATA/,
    );
    assert.match((await ask()).stdout, /DISDUKCAPIL\/PUSAT {2}ListAccessesAtCounter/);

    const check = (about: string) => mesh.cli('audit', 'receipt', 'check', file, '--nik', about);
    const valid = await check(nik);
    assert.deepEqual([valid.code, valid.stdout.split(':')[0]], [0, 'SAH']);
    const invalid = await check(stranger);
    assert.deepEqual([invalid.code, invalid.stdout.split(':')[0]], [1, 'TIDAK SAH']);

    const objection = (...words: string[]) => mesh.cli('audit', 'objection', ...words);
    const { stdout: opened } = await objection('open', nik, String(auditIndex), '--statement', 'Bukan saya');
    assert.match((await objection('list')).stdout, new RegExp(`${opened.trim()} .*Bukan saya`));
    assert.equal((await objection('close', opened.trim(), '--remark', 'Sudah dijelaskan')).code, 0);
    assert.equal((await objection('list')).stdout, '');

    assert.match((await mesh.cli('audit', 'erase', nik, '--letter', '470/88/2026')).stdout, /Terhapus: [1-9]/);
    assert.equal((await ask()).stdout, '');
    assert.equal((await check(nik)).code, 0);
  });

  it('carries every record into a file for the SIEM, also when the export is killed', async () => {
    const [out, cursor] = [join(mesh.stateDir, 'siem.jsonl'), join(mesh.stateDir, 'siem.cursor')];
    const words = ['audit', 'export', '--out', out, '--cursor', cursor, '--state', mesh.stateDir];
    const told = async () => (await readFile(out, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    const sequences = async () => (await told()).map((line) => Number(JSON.parse(line).metadata.sequence));
    for (let start = 0; start < 3; start += 1) {
      const { error } = await json(
        'call',
        'DINSOS',
        'GetResident',
        get('1371999999999999'),
        '--purpose',
        'PERENCANAAN',
      );
      const options = { stdio: 'ignore', env: mesh.clientEnv() } as const;
      const exporting = spawn(process.execPath, [join(repositoryDir, 'cli', 'main.ts'), ...words], options);
      while (!(await sequences()).includes(Number(error.auditIndex))) await setImmediate();
      exporting.kill('SIGKILL');
      await once(exporting, 'exit');
    }
    const all = [...new Set(await sequences())];
    assert.deepEqual(
      all,
      all.map((_, at) => at),
    );
  });

  it('takes an application through signing to an answer, and its revocation to a refusal at both brokers', async () => {
    const content = {
      units: [{ unit: 'PUSAT', regions: ['13.71'] }],
      purpose: 'PURPOSE_PELAYANAN_PUBLIK',
      purposeText: 'Penyaluran bantuan sosial kepada keluarga.',
      elements: ['ELEMENT_NIK', 'ELEMENT_NAMA_LENGKAP'],
      methods: ['/rangkiang.resident.v1.ResidentService/GetResident'],
      dataBalikan: 'Penerima bantuan, setiap bulan.',
      termMonths: 6,
      quotaPerDay: 1000,
    };
    const file = join(mesh.stateDir, 'application.json');
    await writeFile(file, JSON.stringify(content));
    const { answer: application } = await json('permit', 'apply', 'RSUD', file);
    assert.match(
      (await mesh.cli('permit', 'list', '--only', 'WAITING')).stdout,
      new RegExp(`${application.applicationId}.*RSUD`),
    );

    const words = ['permit', 'review', application.applicationId, '--remarks', 'Elemen sesuai dengan tujuan.'];
    assert.equal((await json(...words)).answer.state, 'APPLICATION_STATE_RECOMMENDED');

    const { answer: issued } = await json(
      'permit',
      'issue',
      application.applicationId,
      '--number',
      '470/099/IZIN-DATA/2026',
    );
    assert.equal(issued.state, 'PERMIT_STATE_AWAITING_ACTIVATION');
    const activation = ['--pks', '470/099/PKS/2026', '--juknis', '470/099/JUKNIS/2026'];
    const reach = ['--systems', 'layanan', '--networks', '127.0.0.1/32,::1/128'];
    const { answer: permit } = await json('permit', 'activate', issued.permitId, ...activation, ...reach);
    assert.equal(permit.state, 'PERMIT_STATE_ACTIVE');
    assert.equal(permit.izin.quotaPerDay, 1000);
    const nik = mesh.demo.BAPENDA?.nikInside;
    const call = [
      'call',
      'RSUD',
      'GetResident',
      get(nik),
      '--purpose',
      'PELAYANAN_PUBLIK',
      '--permit',
      permit.permitId,
    ];
    assert.deepEqual(Object.keys((await json(...call)).answer.resident), ['nik', 'namaLengkap']);

    const letIn = (await json(...call)).auditIndex;
    const refused = (await json(...call, '--purpose', 'PEMBANGUNAN_DEMOKRASI')).error.auditIndex;

    const revoked = await mesh.cli('permit', 'revoke', permit.permitId, '--reason', 'TUJUAN_BERAKHIR', '--broker', '2');
    assert.equal(revoked.code, 0);
    for (const broker of ['1', '2']) {
      assert.equal((await json(...call, '--broker', broker)).error.reason, 'PERMIT_REVOKED');
    }
    // Both are decided again by the policy of then, which knew of no revocation; by either broker.
    for (const [index, told] of [
      [letIn, { allowed: true, permit: permit.permitId }],
      [refused, { reason: 'PURPOSE_NOT_GRANTED' }],
    ]) {
      const { answer } = await json('audit', 'replay', index);
      assert.deepEqual([answer.verdict, answer.recorded, answer.replayed], ['REPLAY_VERDICT_SAME', told, told]);
      const { code, stdout } = await mesh.cli('audit', 'replay', index);
      assert.equal(code, 0);
      assert.match(stdout, /^SAMA: /);
    }
    // A record that names another permit than the policy of then would have used.
    const database = new URL(mesh.endpoints().postgres);
    database.pathname = '/audit';
    const pool = openPool(database.href, { max: 1 });
    const { rows } = await pool.query<{ leaf: Buffer }>('select leaf from entry where index = $1', [letIn]);
    const whole = rows[0]?.leaf ?? assert.fail();
    const forged = Buffer.from(whole.toString('latin1').replace(permit.permitId, randomUUID()), 'latin1');
    const store = (leaf: Buffer) => pool.query('update entry set leaf = $2 where index = $1', [letIn, leaf]);
    await store(forged);
    const differs = await mesh.cli('audit', 'replay', letIn);
    await store(whole);
    await pool.end();
    assert.equal(differs.code, 1, differs.stderr);
    assert.match(differs.stdout, /^BERBEDA: /);
    assert.equal((await mesh.cli('audit', 'replay', '999999999')).code, 2);
    assert.equal((await mesh.cli('audit', 'replay', 'x')).code, 2);

    assert.match((await mesh.cli('permit', 'list', '--only', 'REVOKED')).stdout, new RegExp(permit.permitId));
  });

  it('rejects an application with words that the OPD can read', async () => {
    const file = join(mesh.stateDir, 'application.json');
    const { answer: application } = await json('permit', 'apply', 'DISHUB', file);
    const reason = 'Tujuan tidak cukup jelas.';
    assert.equal((await mesh.cli('permit', 'reject', application.applicationId, '--reason', reason)).code, 0);
    const shown = JSON.parse((await mesh.cli('permit', 'show', application.applicationId, '--as', 'DISHUB')).stdout);
    assert.equal(shown.rejection, reason);
  });

  it('stops a process that then stays stopped, and starts it again at the same address', async () => {
    const { address } = mesh.endpoints().processes.resident ?? assert.fail();
    assert.equal((await mesh.cli('stop', 'resident')).code, 0);
    assert.equal(mesh.endpoints().processes.resident?.pid, 0);
    assert.equal((await mesh.cli('start', 'resident')).code, 0);
    const again = mesh.endpoints().processes.resident ?? assert.fail();
    assert.ok(again.pid > 0);
    assert.equal(again.address, address);
    const { code, stderr } = await mesh.cli('stop', 'nobody');
    assert.equal(code, 1);
    assert.match(stderr, /"nobody".*resident/);
  });

  it('refuses a second mesh in the same directory', async () => {
    const { code, stderr } = await mesh.cli('up', '--lang', 'en');
    assert.equal(code, 1);
    assert.match(stderr, /already running/);
  });

  it('prepares nothing twice', async () => {
    const before = await mesh.call(
      'DISDUKCAPIL',
      'GetRegistryStatistics',
      {},
      { purpose: 'ADMINISTRASI_KEPENDUDUKAN' },
    );
    const { signal } = new AbortController();
    const again = { layout: mesh.layout, endpoints: mesh.endpoints, stop: async () => {} };
    const demo = await prepareMesh(again, {
      residents: undefined,
      onImport: () => assert.fail('nothing is imported again'),
      signal,
    });
    assert.deepEqual(demo, mesh.demo);
    const after = await mesh.call('DISDUKCAPIL', 'GetRegistryStatistics', {}, { purpose: 'ADMINISTRASI_KEPENDUDUKAN' });
    assert.deepEqual(after.message, before.message);
  });

  it('prunes nothing of our days, and needs a letter for it', async () => {
    assert.equal((await mesh.cli('audit', 'prune')).code, 2);
    for (const dryRun of [true, false]) {
      const asked = await mesh.cli('audit', 'prune', '--letter', '470/7', '--json', ...(dryRun ? ['--dry-run'] : []));
      assert.equal(asked.code, 0, asked.stderr);
      const { pruned, ...told } = JSON.parse(asked.stdout);
      assert.deepEqual([pruned, told.dryRun], [[], dryRun]);
    }
  });

  it('checks the log, proves one record, and names the record that was changed in Postgres', async () => {
    const good = await mesh.cli('audit', 'verify');
    assert.equal(good.code, 0, good.stderr);
    assert.match(
      good.stdout,
      /^size +\d+\nroot +\S{44}\nsigner +padang\.go\.id\/rangkiang\/audit\n(.+\n)*consistent\n$/,
    );
    const shown = await mesh.cli('audit', 'show', '3');
    assert.match(shown.stdout, /"index": "3".*\nincluded\n$/s);

    const database = new URL(mesh.endpoints().postgres);
    database.pathname = '/audit';
    const pool = openPool(database.href, { max: 1 });
    await pool.query('update entry set leaf = set_byte(leaf, 30, get_byte(leaf, 30) # 1) where index = 3');
    const bad = await mesh.cli('audit', 'verify', '--lang', 'en');
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /record 3 is missing or is not the one that was recorded/);
    assert.doesNotMatch(bad.stdout, /consistent/);
    const unproven = await mesh.cli('audit', 'show', '3', '--lang', 'en');
    assert.equal(unproven.code, 1);
    await pool.query('update entry set leaf = set_byte(leaf, 30, get_byte(leaf, 30) # 1) where index = 3');

    assert.match(good.stdout, /\ncolumns +[1-9]\d*\nsealed +\d+ opened; \d+ records/);
    const { rows } = await pool.query("update entry set reason = 'FROZEN' where index = 5 returning reason");
    assert.equal(rows.length, 1);
    const beside = await mesh.cli('audit', 'verify', '--lang', 'en');
    assert.equal(beside.code, 1);
    assert.match(beside.stderr, /copy "reason" beside record 5/);
    await pool.end();
  });
});
