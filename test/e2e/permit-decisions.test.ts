import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { startMesh, type TestMesh } from '../support/mesh.ts';

describe('decisions that can be proved, from the command line', function () {
  this.timeout(240_000);
  let mesh: TestMesh;
  let file: string;
  let example: Record<string, unknown>;
  before(async () => {
    mesh = await startMesh();
    file = join(mesh.stateDir, 'draft.json');
    const { code, stdout } = await mesh.cli('permit', 'simulate', '--example');
    assert.equal(code, 0);
    example = JSON.parse(stdout);
  });
  after(() => mesh.stop());

  const json = async (...words: string[]) => JSON.parse((await mesh.cli(...words, '--json')).stdout);

  async function simulate(changes: object, ...words: string[]) {
    await writeFile(file, JSON.stringify({ ...example, ...changes }));
    return mesh.cli('permit', 'simulate', file, ...words);
  }

  const call = (method: string, settings = {}) =>
    mesh
      .call('BAPENDA', method, { nik: mesh.demo.BAPENDA?.nikInside }, { purpose: 'PELAYANAN_PUBLIK', ...settings })
      .then(
        () => 'answered',
        (error) => error.refusal.reason,
      );

  it('shows before the signature what a draft would allow, deny and overlap, and what the record says of it', async () => {
    assert.equal(await call('GetFamily'), 'METHOD_NOT_GRANTED');
    assert.equal(await call('GetResident'), 'answered');
    const beside = await simulate({});
    assert.equal(beside.code, 0, beside.stderr);
    const sections = beside.stdout.split('\n\n');
    assert.match(sections[0] ?? '', /470\/900\/IZIN-DATA\/2026 untuk BAPENDA/);
    assert.match(
      sections[1] ?? '',
      /GetFamily, tujuan PELAYANAN_PUBLIK \(sebelumnya tidak boleh sama sekali\)\n.*Jenis pekerjaan/,
    );
    assert.match(sections[1] ?? '', /PUSAT +2 kecamatan, 10 kelurahan +Kec\. Pauh, Kel\. Aie Pacah/);
    assert.match(sections[2] ?? '', /DIIZINKAN\n +tidak ada/);
    assert.match(sections[3] ?? '', /470\/003\/IZIN-DATA\/2026: PUSAT; GetResident/);
    assert.match(sections[4] ?? '', /baris per hari +20\.000 +100\.000\n/);
    assert.match(sections[5] ?? '', /1 panggilan ditolak; 1 di antaranya akan diizinkan/);
    assert.match(sections[5] ?? '', /1 panggilan dijawab; 0 di antaranya/);

    const permit = mesh.demo.BAPENDA?.permit ?? '';
    const methods = ['/rangkiang.resident.v1.ResidentService/VerifyResident'];
    const instead = await simulate({ methods }, '--replaces', permit, '--as', 'DISDUKCAPIL', '--lang', 'en');
    assert.match(instead.stdout, /1 calls were answered; 1 of them would be refused/);
    assert.match(instead.stdout, /GetResident, for PELAYANAN_PUBLIK \(not at all afterwards\)/);
    assert.match(instead.stdout, /OVERLAPS\n +nothing/);
    // Nothing of it was kept.
    assert.equal(await call('GetResident'), 'answered');
    assert.equal(await call('GetFamily'), 'METHOD_NOT_GRANTED');
  });

  it('ends with 1 and the name of the field for a draft that brokers would not take', async () => {
    for (const [changes, field] of [
      [{ methods: ['/rangkiang.permit.v1.PermitService/IssuePermit'] }, 'methods: '],
      [{ opd: 'DINASX' }, 'opd: '],
      [{ permitId: mesh.demo.BAPENDA?.permit }, 'permit_id: '],
      [{ rowCap: 0 }, 'draft.row_cap: '],
      [{ units: [{ unit: 'pusat', regions: [] }] }, 'draft.units[0].unit: '],
      [{ rowCaps: 1 }, 'rowCaps: '],
      [{ purpose: 'PURPOSE_X' }, 'purpose: '],
    ] as const) {
      const { code, stderr } = await simulate(changes);
      assert.equal(code, 1, field);
      assert(stderr.includes(field), `${field}: ${stderr}`);
    }
    const { code, stdout } = await simulate({ opd: 'DINASX' }, '--json');
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).answer.fault.fault, 'OPD_UNREGISTERED');
    const unknown = await simulate({}, '--replaces', '00000000-0000-4000-8000-000000000001');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /PERMIT_NOT_FOUND/);
  });

  it('is for the Walikota and Disdukcapil, and is recorded', async () => {
    const { code, stderr } = await simulate({}, '--as', 'BAPENDA');
    assert.equal(code, 1);
    assert.match(stderr, /NO_PERMIT/);
    const answered = await json('permit', 'simulate', file);
    const { stdout } = await mesh.cli('audit', 'find', '--limit', '200');
    assert.match(stdout, new RegExp(`^ *${answered.auditIndex} .*READ +WALIKOTA/PUSAT/\\S+ +Simulate`, 'm'));
  });

  it('tells an OPD what it may call, unit by unit, and offices of every OPD', async () => {
    const own = await mesh.cli('permit', 'effective', 'PKM-PAUH', '--unit', 'PKM-PAUH');
    assert.equal(own.code, 0);
    assert.match(own.stdout, /Izin 470\/001\/IZIN-DATA\/2026 +[0-9a-f-]{36}\n +tujuan +PELAYANAN_PUBLIK/);
    assert.match(own.stdout, /^ +PKM-PAUH +VerifyResident, GetResident, GetFamily +Kec\. Pauh$/m);
    assert.doesNotMatch(own.stdout, /PKM-NANGGALO/);
    const { rows } = await json('permit', 'effective', 'WALIKOTA', '--opd', 'DKK');
    const byPermit = rows.filter(({ permit }: { permit: string }) => permit !== 'STATUTE');
    assert.equal(byPermit.length, 23 * 3);
    const other = await mesh.cli('permit', 'effective', 'BAPENDA', '--opd', 'DKK');
    assert.equal(other.code, 1);
    assert.match(other.stderr, /OPD_UNKNOWN/);
  });

  it('pages through what is effective and notices when the policy has changed between', async () => {
    const page = async (request: object) =>
      (await mesh.call('DKK', 'ListEffective', request, { purpose: 'PERIZINAN' })).message;
    const seen: unknown[] = [];
    let pageToken = '';
    do {
      const answer = await page({ pageSize: 30, pageToken });
      seen.push(...(answer.rows as unknown[]));
      pageToken = String(answer.nextPageToken ?? '');
    } while (pageToken !== '');
    const { rows } = await json('permit', 'effective', 'DKK');
    assert.deepEqual(seen, rows);
    await assert.rejects(
      page({ pageToken: '1.30' }),
      (error: { refusal?: { reason?: string } }) => error.refusal?.reason === 'PAGE_TOKEN_INVALID',
    );
  });

  it('explains a refusal in words of the permit, in both languages', async () => {
    const words = ['permit', 'explain', 'PKM-PAUH', 'AggregateResidents', '--purpose', 'PELAYANAN_PUBLIK'];
    const indonesian = await mesh.cli(...words);
    assert.equal(indonesian.code, 0);
    assert.match(
      indonesian.stdout,
      /^DITOLAK METHOD_NOT_GRANTED: Izin 470\/001\/IZIN-DATA\/2026 hanya untuk VerifyResident, GetResident, GetFamily\./,
    );
    const english = await mesh.cli(...words, '--lang', 'en');
    assert.match(english.stdout, /^REFUSED METHOD_NOT_GRANTED: Permit 470\/001\/IZIN-DATA\/2026 is for VerifyResident/);
    const { answer } = await json(
      'permit',
      'explain',
      'SECURITY',
      'GetResident',
      '--opd',
      'BAPENDA',
      '--purpose',
      'PELAYANAN_PUBLIK',
    );
    assert.equal(answer.allowed, true);
    assert.match(answer.candidates[0].text, /^Diizinkan oleh izin 470\/003/);
  });
});
