import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { BasicStatus, ImportRow } from '#gen/rangkiang/resident/v1/registry.ts';
import { Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import { validate } from '#mesh/contract.ts';
import type { Fault } from '../../../../../services/resident/domain/import-faults.ts';
import { faultOfRow } from '../../../../../services/resident/domain/import-rules.ts';
import { Regions } from '../../../../../services/resident/domain/regions.ts';
import { importRow, resident, TEST_DAY } from '../../../../support/resident-rows.ts';

const data = new URL('../../../../../data/', import.meta.url);
const regions = Regions.parse(readFileSync(new URL('regions_kota_padang.csv', data), 'utf8'));
const setting = { regions, today: TEST_DAY };

function faultOf(changes: Partial<Resident>): { field: string; fault: Fault } | undefined {
  return faultOfRow(importRow({ resident: resident(1, changes) }), setting);
}

const address = { jalan: 'JL. A', rt: '001', rw: '', kelurahan: '13.71.01.1001', namaKelurahan: '' };

describe('resident: rules of an imported row', () => {
  it('pass a resident of whom only the necessary is known', () => {
    assert.equal(faultOf({}), undefined);
    assert.equal(faultOf({ tempatLahir: undefined, shdk: undefined }), undefined);
    assert.equal(faultOf({ tanggalLahir: { year: 0, month: 0, day: 0 } }), undefined);
  });

  const faults: readonly (readonly [Partial<Resident>, string, Fault])[] = [
    [{ nik: undefined }, 'nik', 'MISSING'],
    [{ nik: '137101170890900' }, 'nik', 'NOT_16_DIGITS'],
    [{ nik: '1371010013900001' }, 'nik', 'NOT_A_NIK'],
    [{ nomorKk: undefined }, 'nomor_kk', 'MISSING'],
    [{ nomorKk: '12' }, 'nomor_kk', 'NOT_16_DIGITS'],
    [{ namaLengkap: undefined }, 'nama_lengkap', 'MISSING'],
    [{ namaLengkap: ' ' }, 'nama_lengkap', 'MISSING'],
    [{ namaLengkap: 'A'.repeat(101) }, 'nama_lengkap', 'TOO_LONG'],
    [{ namaLengkap: 'A\u0000B' }, 'nama_lengkap', 'CONTROL_CHARACTER'],
    [{ jenisKelamin: undefined }, 'jenis_kelamin', 'MISSING'],
    [{ jenisKelamin: 3 }, 'jenis_kelamin', 'NOT_IN_LIST'],
    [{ tempatLahir: 'A'.repeat(61) }, 'tempat_lahir', 'TOO_LONG'],
    [{ tanggalLahir: undefined }, 'tanggal_lahir', 'MISSING'],
    [{ tanggalLahir: { year: 2003, month: 2, day: 29 } }, 'tanggal_lahir', 'NO_SUCH_DATE'],
    [{ tanggalLahir: { year: 0, month: 2, day: 1 } }, 'tanggal_lahir', 'NO_SUCH_DATE'],
    [{ tanggalLahir: { year: 1849, month: 2, day: 1 } }, 'tanggal_lahir', 'DATE_TOO_EARLY'],
    [{ tanggalLahir: { year: 2026, month: 3, day: 2 } }, 'tanggal_lahir', 'DATE_IN_FUTURE'],
    [{ golonganDarah: 14 }, 'golongan_darah', 'NOT_IN_LIST'],
    [{ agama: 0 }, 'agama', 'NOT_IN_LIST'],
    [{ statusKawin: 5 }, 'status_kawin', 'NOT_IN_LIST'],
    [{ shdk: 12 }, 'shdk', 'NOT_IN_LIST'],
    [{ cacat: -1 }, 'cacat', 'NOT_IN_LIST'],
    [{ pendidikanTerakhir: 11 }, 'pendidikan_terakhir', 'NOT_IN_LIST'],
    [{ pekerjaan: 90 }, 'pekerjaan', 'NOT_IN_LIST'],
    [{ nikIbu: '13' }, 'nik_ibu', 'NOT_16_DIGITS'],
    [{ namaIbu: '\u007f' }, 'nama_ibu', 'CONTROL_CHARACTER'],
    [{ nikAyah: '' }, 'nik_ayah', 'NOT_16_DIGITS'],
    [{ namaAyah: 'A'.repeat(101) }, 'nama_ayah', 'TOO_LONG'],
    [{ alamatSekarang: undefined }, 'alamat_sekarang', 'MISSING'],
    [{ alamatSekarang: { ...address, kelurahan: '13.71.01' } }, 'alamat_sekarang.kelurahan', 'NOT_IN_PADANG'],
    [{ alamatSekarang: { ...address, kelurahan: '' } }, 'alamat_sekarang.kelurahan', 'NOT_IN_PADANG'],
    [{ alamatSekarang: { ...address, rt: '1' } }, 'alamat_sekarang.rt', 'NOT_3_DIGITS'],
    [{ alamatSekarang: { ...address, jalan: 'A'.repeat(121) } }, 'alamat_sekarang.jalan', 'TOO_LONG'],
    [{ alamatSebelumnya: { ...address, rw: '0001' } }, 'alamat_sebelumnya.rw', 'NOT_3_DIGITS'],
    [{ alamatSebelumnya: { ...address, kelurahan: '3273' } }, 'alamat_sebelumnya.kelurahan', 'NOT_A_REGION_CODE'],
    [{ noAktaLahir: 'A'.repeat(41) }, 'no_akta_lahir', 'TOO_LONG'],
    [{ noAktaKawin: '\n' }, 'no_akta_kawin', 'CONTROL_CHARACTER'],
    [{ tanggalKawin: { year: 2020, month: 13, day: 1 } }, 'tanggal_kawin', 'NO_SUCH_DATE'],
    [{ noAktaCerai: 'A'.repeat(41) }, 'no_akta_cerai', 'TOO_LONG'],
    [{ tanggalCerai: { year: 2027, month: 0, day: 0 } }, 'tanggal_cerai', 'DATE_IN_FUTURE'],
  ];
  for (const [changes, field, fault] of faults) {
    it(`tell ${fault} of ${field}`, () => assert.deepEqual(faultOf(changes), { field: `resident.${field}`, fault }));
  }

  it('tell a row without a line, a resident or a status', () => {
    const row = importRow({ resident: resident(1) });
    assert.equal(faultOfRow({ ...row, line: 0n }, setting)?.field, 'line');
    assert.equal(faultOfRow({ ...row, resident: undefined }, setting)?.field, 'resident');
    for (const status of [BasicStatus.UNSPECIFIED, 5, -1]) {
      assert.equal(faultOfRow({ ...row, status: status as BasicStatus }, setting)?.field, 'status');
    }
  });

  it('know the last code of every list', () => {
    const csv = readFileSync(new URL('code_lists.csv', data), 'utf8');
    const lists = Map.groupBy(csv.matchAll(/^(\w+),(\d+),/gm), ([, list]) => list as string);
    for (const [list, field] of [
      ['jenis_kelamin', 'jenisKelamin'],
      ['golongan_darah', 'golonganDarah'],
      ['agama', 'agama'],
      ['status_kawin', 'statusKawin'],
      ['shdk', 'shdk'],
      ['disabilitas', 'cacat'],
      ['pendidikan_terakhir', 'pendidikanTerakhir'],
      ['pekerjaan', 'pekerjaan'],
    ] as const) {
      const last = Math.max(...(lists.get(list) ?? []).map(([, , code]) => Number(code)));
      assert.equal(faultOf({ [field]: last }), undefined, list);
      assert.equal(faultOf({ [field]: last + 1 })?.fault, 'NOT_IN_LIST', list);
    }
  });

  it('pass nothing that the contract refuses', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 130 }), fc.constant('1371011708909003'));
    const code = fc.integer({ min: -1, max: 95 });
    const date = fc.record({ year: fc.integer({ min: -1, max: 10_001 }), month: code, day: code });
    const place = fc.record({
      jalan: text,
      rt: fc.constantFrom('', '001', '1', 'abc'),
      rw: fc.constantFrom('', '001', '0001'),
      kelurahan: fc.constantFrom('', '13.71.01.1001', '32.73', '3273', '13.71.01.1'),
      namaKelurahan: fc.constant(''),
    });
    const changes = fc.record(
      {
        nomorKk: text,
        nik: text,
        namaLengkap: text,
        jenisKelamin: code,
        tempatLahir: text,
        tanggalLahir: date,
        golonganDarah: code,
        agama: code,
        statusKawin: code,
        shdk: code,
        cacat: code,
        pendidikanTerakhir: code,
        pekerjaan: code,
        nikIbu: text,
        namaIbu: text,
        nikAyah: text,
        namaAyah: text,
        alamatSebelumnya: place,
        alamatSekarang: place,
        noAktaLahir: text,
        noAktaKawin: text,
        tanggalKawin: date,
        noAktaCerai: text,
        tanggalCerai: date,
      },
      { requiredKeys: [] },
    );
    let passed = 0;
    // One or two changes at a time, so that many pass.
    const few = changes.map((all) => Object.fromEntries(Object.entries(all).slice(0, 2)));
    const cases = fc.oneof(few, changes);
    fc.assert(
      fc.property(cases, (change) => {
        const row = importRow({ resident: resident(1, change) });
        if (faultOfRow(row, setting)) return;
        passed += 1;
        validate('rangkiang.resident.v1.ImportRow', ImportRow.encode(row).finish());
        validate('rangkiang.resident.v1.Resident', Resident.encode(row.resident as Resident).finish());
      }),
      { numRuns: 3_000 },
    );
    assert.ok(passed > 300, `${passed} passed`);
  });
});
