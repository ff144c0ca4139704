import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const REGIME = 'RANGKIANG_REGIME';

describe('a whole mesh under Permendagri 102/2019', function () {
  this.timeout(240_000);
  let mesh: TestMesh;
  let application: string;
  let permit: string;

  const outcome = async (...words: string[]) => JSON.parse((await mesh.cli(...words, '--json')).stdout);
  const answer = async (...words: string[]) => {
    const { answer: given, error } = await outcome(...words);
    return given ?? assert.fail(error.text);
  };
  const reason = async (...words: string[]) => (await outcome(...words)).error.reason;

  before(async () => {
    process.env[REGIME] = 'PERMENDAGRI_102_2019';
    mesh = await startMesh();
    const content = {
      units: [{ unit: 'PUSAT', regions: ['13.71'] }],
      purpose: 'PURPOSE_PELAYANAN_PUBLIK',
      purposeText: 'Penyaluran bantuan sosial kepada keluarga.',
      elements: ['ELEMENT_NIK', 'ELEMENT_NAMA_LENGKAP'],
      methods: ['/rangkiang.resident.v1.ResidentService/GetResident'],
      dataBalikan: 'Penerima bantuan, setiap bulan.',
      termMonths: 12,
      quotaPerDay: 1000,
    };
    await writeFile(join(mesh.stateDir, 'application.json'), JSON.stringify(content));
  });

  after(async () => {
    delete process.env[REGIME];
    await mesh.stop();
  });

  it('has taken its demonstration permits through the Dirjen, and they answer', async () => {
    const { nikInside, permit: id } = mesh.demo['PKM-LUBUK-BUAYA'] ?? assert.fail();
    const shown = JSON.parse((await mesh.cli('permit', 'show', id ?? '', '--json')).stdout);
    assert.match(shown.izin.dirjenLetter, /Dukcapil/);
    const { message } = await mesh.call(
      'PKM-LUBUK-BUAYA',
      'GetResident',
      { nik: nikInside },
      { purpose: 'PELAYANAN_PUBLIK' },
    );
    assert.equal((message.resident as { nik: string }).nik, nikInside);
  });

  it('lets the Walikota sign only after review and approval', async () => {
    ({ applicationId: application } = await answer('permit', 'apply', 'RSUD', join(mesh.stateDir, 'application.json')));
    const issue = ['permit', 'issue', application, '--number', '470/099/IZIN-DATA/2026'];
    assert.equal(await reason(...issue), 'REVIEW_REQUIRED');
    const approve = ['permit', 'approve', application, '--letter', '470/123/Dukcapil/2026'];
    assert.equal(await reason(...approve), 'STATE_CONFLICT');
    await answer('permit', 'review', application, '--remarks', 'Elemen sesuai dengan tujuan.');
    assert.equal(await reason(...issue), 'APPROVAL_REQUIRED');
    assert.equal((await answer(...approve)).state, 'APPLICATION_STATE_APPROVED');

    const issued = await answer(...issue);
    assert.equal(issued.state, 'PERMIT_STATE_AWAITING_ACTIVATION');
    assert.equal(issued.izin.dirjenLetter, '470/123/Dukcapil/2026');
    permit = issued.permitId;
  });

  it('lets nobody call before the conformity check stands in the Aktivasi', async () => {
    const nik = mesh.demo.BAPENDA?.nikInside ?? '';
    const call = [
      'call',
      'RSUD',
      'GetResident',
      JSON.stringify({ nik }),
      '--purpose',
      'PELAYANAN_PUBLIK',
      '--permit',
      permit,
    ];
    assert.equal(await reason(...call), 'NOT_ACTIVATED');
    const terms = ['--pks', '470/099/PKS/2026', '--juknis', '470/099/JUKNIS/2026', '--systems', 'layanan'];
    const activate = ['permit', 'activate', permit, ...terms, '--networks', '127.0.0.1/32,::1/128'];
    const refused = await mesh.cli(...activate);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /conformity_number/);
    const { state } = await answer(...activate, '--conformity', '470/099/BA-UJI/2026');
    assert.equal(state, 'PERMIT_STATE_ACTIVE');
    assert.deepEqual(Object.keys((await answer(...call)).resident), ['nik', 'namaLengkap']);
  });

  it('owes the report of each semester, which the OPD hands in and Disdukcapil confirms', async () => {
    const [owed] = await duties('--as', 'RSUD');
    assert.equal(owed?.permitId, permit);
    assert.equal(owed.kind, 'LAPORAN_SEMESTER');
    assert.match(owed.due, /-(06-30|12-31)$/);
    const which = [permit, owed.kind, owed.period];
    const report = ['--reference', '445/17/RSUD/2026', '--summary', 'Dipakai untuk penyaluran bantuan.'];
    await answer('permit', 'hand-in', 'RSUD', ...which, ...report);
    assert.deepEqual(
      (await duties('--only', 'HANDED_IN')).map(({ permitId }) => permitId),
      [permit],
    );
    await answer('permit', 'confirm-report', ...which, '--remarks', 'Sesuai dengan isi PKS.');
    assert.deepEqual(await duties('--only', 'HANDED_IN'), []);
  });

  async function duties(
    ...words: string[]
  ): Promise<{ permitId: string; kind: string; period: string; due: string }[]> {
    const { stdout } = await mesh.cli('permit', 'duties', ...words, '--json');
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }
});
