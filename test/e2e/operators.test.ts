import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { createClient } from 'redis';
import { openPool } from '#mesh/sql.ts';
import { CallRefused, type Refusal } from '../../cli/client/refusal.ts';
import { findLeaks } from '../support/leak.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';
import { openSealed } from '../support/open-sealed.ts';

const CALLER = 'PKM-LUBUK-BUAYA';
const PURPOSE = 'PELAYANAN_PUBLIK';
const SUB = '198001012005012003';
const NAME = 'Siti Rahmawati Chaniago';

describe('an operator under a permit that demands one', function () {
  this.timeout(180_000);
  let mesh: TestMesh;
  let nik: string;
  let permit: string;
  let token: string;
  const said: string[] = [];

  before(async () => {
    mesh = await startMesh();
    nik = mesh.demo[CALLER]?.nikInside ?? '';
    const content = {
      units: [{ unit: CALLER, regions: mesh.demo[CALLER]?.regions }],
      purpose: 'PURPOSE_PELAYANAN_PUBLIK',
      purposeText: 'Rekam medis, hanya oleh petugas yang masuk dengan namanya.',
      elements: ['ELEMENT_NIK', 'ELEMENT_NAMA_LENGKAP'],
      methods: ['/rangkiang.resident.v1.ResidentService/GetResident'],
      dataBalikan: 'Golongan darah pasien, setiap bulan.',
      termMonths: 12,
      quotaPerDay: 1_000,
    };
    const file = join(mesh.stateDir, 'application.json');
    await writeFile(file, JSON.stringify(content));
    const applied = await answerOf('permit', 'apply', 'DKK', file);
    const application = String(applied.applicationId);
    await answerOf('permit', 'review', application, '--remarks', 'Elemen sesuai dengan tujuan.');
    const issued = await answerOf('permit', 'issue', application, '--number', '470/099', '--operator');
    permit = String(issued.permitId);
    await activateForPuskesmas(permit);
    token = (await mesh.cli('operator', 'token', CALLER, '--sub', SUB, '--name', NAME)).stdout.trim();
  });
  after(() => mesh.stop());

  async function activateForPuskesmas(id: string): Promise<void> {
    const agreement = ['--pks', '470/099/PKS', '--juknis', '470/099/JUKNIS'];
    await answerOf('permit', 'activate', id, ...agreement, '--systems', 'simpus', '--networks', '127.0.0.0/8');
  }

  /** What a command answers with --json. */
  async function answerOf(...words: string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await mesh.cli(...words, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).answer;
  }

  function ask(operator?: string, broker = 1) {
    return mesh.call(CALLER, 'GetResident', { nik }, { purpose: PURPOSE, permit, operator, broker });
  }

  async function refusal(operator?: string, broker?: number): Promise<Refusal> {
    const error = await ask(operator, broker).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof CallRefused, 'answered');
    said.push(error.message, JSON.stringify(error.refusal));
    return error.refusal;
  }

  /** The leaf of a record as the security team reads it. */
  async function leafOf(auditIndex: string): Promise<Record<string, unknown>> {
    const { message } = await mesh.call('SECURITY', 'GetRecord', { index: auditIndex }, { purpose: 'PENGAWASAN' });
    return (message.record as { leaf: Record<string, unknown> }).leaf;
  }

  it('is asked for in words, and not believed before the OPD has registered its keys', async () => {
    const missing = await refusal();
    assert.equal(missing.reason, 'OPERATOR_REQUIRED');
    assert.match(missing.text, /rangkiang-operator/);
    const unknown = await refusal(token);
    assert.equal(unknown.reason, 'OPERATOR_INVALID');
    assert.match(unknown.text, /iss tidak terdaftar/);
  });

  it('is answered at every broker once the keys count, and stands in the record by a pseudonym', async () => {
    const registered = await mesh.cli('operator', 'register', 'DKK');
    assert.equal(registered.code, 0, registered.stderr);
    assert.match(registered.stdout, /^ACTIVE {2,}dkk\.pengembangan/);
    const answers = [await settled(1), await settled(2)];
    const leaves = await Promise.all(answers.map(({ auditIndex }) => leafOf(auditIndex)));
    const pseudonyms = new Set(leaves.map(({ operatorPseudonym }) => operatorPseudonym));
    assert.equal(pseudonyms.size, 1);
    assert.match(String([...pseudonyms][0]), /^[0-9a-f]{32}$/);
    assert.equal(JSON.stringify(answers[0]?.message.resident).includes(nik), true);
    said.push(JSON.stringify(leaves));
  });

  /** A broker installs a registration within a renewal of its own; until then it says so. */
  async function settled(broker: number): Promise<Awaited<ReturnType<typeof ask>>> {
    try {
      return await ask(token, broker);
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      if (error.refusal.reason !== 'OPERATOR_INVALID') await pause(error.refusal);
      return settled(broker);
    }
  }

  /** As long as a refusal that is not for ever says; no other refusal is waited for. */
  function pause({ reason, retryAfterMs }: Refusal): Promise<void> {
    assert.ok(retryAfterMs !== undefined, reason);
    return delay(retryAfterMs);
  }

  it('is frozen at every broker by the pseudonym that the records show, until the freeze is lifted', async () => {
    const { operatorPseudonym } = await leafOf((await ask(token)).auditIndex ?? '');
    const why = ['--reason', 'Kartu operator hilang'];
    // An id would be personal data in a log that is never erased, and freeze nobody.
    const byId = await mesh.cli('directive', 'freeze', 'operator', SUB, ...why);
    assert.notEqual(byId.code, 0);
    const frozen = await answerOf('directive', 'freeze', 'operator', String(operatorPseudonym), ...why);
    for (const broker of [1, 2]) assert.equal((await refusal(token, broker)).reason, 'OPERATOR_FROZEN');
    const { directiveId } = (frozen.directive as { directive: { directiveId: string } }).directive;
    await answerOf('directive', 'lift', directiveId, '--reason', 'Kartu ditemukan');
    for (const broker of [1, 2]) {
      while ((await ask(token, broker).catch(() => 'frozen')) === 'frozen') await delay(20);
    }
  });

  it('uses an emergency permit only while two officials have activated it, marked in every record', async () => {
    const file = join(mesh.stateDir, 'application.json');
    const { applicationId } = await answerOf('permit', 'apply', 'DKK', file);
    const prepared = String(applicationId);
    await answerOf('permit', 'review', prepared, '--remarks', 'Elemen sesuai dengan tujuan.');
    const officials = ['--officials', 'SEKDA,KEPALA-BPBD,KEPALA-DKK'];
    await answerOf('emergency', 'prepare', prepared, '--number', '470/100/DARURAT/2026', ...officials);
    await activateForPuskesmas(prepared);
    const use = async (broker: number) =>
      mesh.call(CALLER, 'GetResident', { nik }, { purpose: PURPOSE, permit: prepared, operator: token, broker }).then(
        ({ auditIndex = '' }) => auditIndex,
        (error: CallRefused) => error.refusal.reason,
      );
    const settles = async (broker: number, word: RegExp) => {
      let told = await use(broker);
      for (; !word.test(told); told = await use(broker)) await delay(50);
      return told;
    };
    for (const broker of [1, 2]) await settles(broker, /^EMERGENCY_NOT_ACTIVE$/);

    const [first, second] = ['first.jws', 'second.jws'].map((name) => join(mesh.stateDir, name));
    assert.ok(first && second);
    const words = ['--reason', 'Gempa bumi, peringatan dini tsunami'];
    const confirm = async (official: string, ...more: string[]) =>
      (await mesh.cli('emergency', 'confirm', prepared, '--official', official, ...more)).stdout;
    await writeFile(first, await confirm('SEKDA', ...words));
    await writeFile(second, await confirm('SEKDA', '--with', first));
    const twice = await mesh.cli('emergency', 'activate', prepared, first, second);
    assert.match(twice.stderr, /EMERGENCY_UNFIT/);
    await writeFile(second, await confirm('KEPALA-BPBD', '--with', first));
    const emergency = await answerOf('emergency', 'activate', prepared, first, second);
    const activationId = String(emergency.activationId);
    assert.equal(emergency.state, 'EMERGENCY_STATE_ACTIVE');
    for (const broker of [1, 2]) {
      const leaf = await leafOf(await settles(broker, /^\d+$/));
      assert.deepEqual([leaf.emergency, leaf.permit], [activationId, prepared]);
    }
    const uses = await mesh.cli('audit', 'find', '--emergency', activationId);
    assert.match(uses.stdout, /EMERGENCY_ACTIVATED/);
    assert.match((await mesh.cli('emergency', 'status')).stdout, new RegExp(`${activationId}  ACTIVE`));

    // As if the review had not come for two weeks: only the permit service's database knows of that.
    const database = new URL(mesh.endpoints().postgres);
    database.pathname = '/permit';
    const pool = openPool(database.href, { max: 1 });
    await pool.query("update emergencies set begins = begins - interval '18 days', ends = ends - interval '18 days'");
    await pool.end();
    for (const broker of [1, 2]) await settles(broker, /^OPERATOR_FROZEN$/);
    const { stdout } = await mesh.cli('directive', 'list', '--json');
    const { directive } = JSON.parse(stdout.split('\n')[0] ?? '');
    const closing = ['--official', 'KEPALA-DKK', '--remarks', 'Pemakaian sudah diperiksa dan wajar.'];
    const closed = await answerOf('emergency', 'review', activationId, ...closing);
    assert.equal(closed.state, 'EMERGENCY_STATE_REVIEWED');
    await answerOf('directive', 'lift', directive.directiveId, '--reason', 'Telaah sudah ditutup');
    for (const broker of [1, 2]) await settles(broker, /^EMERGENCY_ENDED$/);
  });

  it('leaves after a breach all that the notices need, with residents sealed for Disdukcapil', async () => {
    const { auditIndex } = await ask(token);
    const { operatorPseudonym } = await leafOf(auditIndex ?? '');
    const out = join(mesh.stateDir, 'kebocoran');
    const words = ['--operator', String(operatorPseudonym), '--from', '2026-01-01', '--out', out];
    const told = await mesh.cli('audit', 'breach', ...words);
    assert.match(told.stdout, /[1-9]\d* jawaban, 1 penduduk/, told.stderr);
    for (const name of await readdir(out)) assert.equal((await readFile(join(out, name), 'utf8')).includes(nik), false);
    const lines = (await readFile(join(out, 'catatan.jsonl'), 'utf8')).split('\n');
    assert.equal(JSON.parse(lines[0] ?? '').index, auditIndex);
    const opened = await mesh.cli('audit', 'breach', 'open', join(out, 'penduduk.jwe'));
    assert.equal(JSON.parse(opened.stdout).nik, nik);
  });

  it('is one of one unit and one system: another caller cannot use the token', async () => {
    const other = await mesh
      .call('PKM-PAUH', 'GetResident', { nik }, { purpose: PURPOSE, operator: token })
      .catch((error: CallRefused) => error.refusal);
    assert.ok('reason' in other);
    assert.equal(other.reason, 'OPERATOR_INVALID');
    assert.match(other.text, /unit bukan unit/);
  });

  it('is named in the sealed part of the record, and nowhere else', async () => {
    const { auditIndex } = await ask(token);
    const database = new URL(mesh.endpoints().postgres);
    database.pathname = '/audit';
    const pool = openPool(database.href, { max: 1 });
    const sealKey = Buffer.from(await readFile(mesh.layout.secret('seal'), 'utf8'), 'base64');
    const [opened] = await openSealed(pool, sealKey, BigInt(auditIndex ?? -1));
    const all = await pool.query<{ leaf: Buffer }>('select leaf from entry');
    await pool.end();
    assert.ok(opened?.context.includes(`${SUB} ${NAME}`));

    const redis = createClient({ url: mesh.endpoints().redis });
    await redis.connect();
    const keys = await redis.keys('*');
    assert.ok(
      keys.some((key) => key.includes('operator/')),
      'the limit of operators was not met',
    );
    await redis.close();
    const logs = dirname(mesh.layout.log('x'));
    const lines = await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name), 'utf8')));
    const haystack = Buffer.from(
      [...said, ...keys, ...lines, ...all.rows.map(({ leaf }) => leaf.toString('latin1'))].join('\n'),
      'latin1',
    );
    assert.deepEqual(
      findLeaks(
        new Map([
          [SUB, 'id'],
          [NAME, 'name'],
          [token, 'token'],
        ]),
        haystack,
      ),
      [],
    );
  });

  it('is refused at both brokers when the withdrawal is answered, also without the audit service', async () => {
    await mesh.order('stop', 'audit');
    try {
      const withdrawn = await mesh.cli('operator', 'withdraw', 'DKK', '--operator', SUB);
      // Like every answer, this one needs no record of its own: the withdrawal's lies in the outbox.
      assert.equal(withdrawn.code, 0, withdrawn.stderr);
      assert.match(withdrawn.stdout, /2 broker memastikan, 0 broker/);
    } finally {
      await mesh.order('start', 'audit');
    }
    for (const broker of [1, 2]) {
      let told = await refusal(token, broker);
      // A broker finds the audit service again in its own time.
      for (; told.reason === 'AUDIT_UNAVAILABLE'; told = await refusal(token, broker)) await pause(told);
      assert.equal(told.reason, 'OPERATOR_INVALID');
      assert.match(told.text, /sudah dicabut/);
    }
    const { stdout } = await mesh.cli('operator', 'list', 'DKK');
    assert.match(stdout, new RegExp(`^WITHDRAWN {2}operator {2}${SUB}\nACTIVE`));
    const next = (await mesh.cli('operator', 'token', CALLER, '--sub', '199')).stdout.trim();
    assert.match((await ask(next)).auditIndex, /^\d+$/);
    const keys = await mesh.cli('operator', 'withdraw', 'DKK', '--issuer', 'dkk.pengembangan');
    assert.equal(keys.code, 0, keys.stderr);
    for (const broker of [1, 2]) assert.match((await refusal(next, broker)).text, /sudah dicabut/);
  });
});
