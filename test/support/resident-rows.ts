import { BasicStatus, type ImportRow } from '#gen/rangkiang/resident/v1/registry.ts';
import { Resident } from '#gen/rangkiang/resident/v1/resident.ts';

/** The day on which the tests take place. */
export const TEST_DAY = 20_260_301;

/** A living adult of Belakang Pondok; `number` makes the NIK and the KK. */
export function resident(number: number, changes: Partial<Resident> = {}): Resident {
  return Resident.create({
    nik: `13710117089${String(number).padStart(5, '0')}`,
    nomorKk: `13710101010${String(number).padStart(5, '0')}`,
    namaLengkap: `WARGA ${number}`,
    jenisKelamin: 1,
    tempatLahir: 'PADANG',
    tanggalLahir: { year: 1990, month: 8, day: 17 },
    shdk: 1,
    alamatSekarang: { jalan: 'JL. PONDOK NO. 1', rt: '001', rw: '002', kelurahan: '13.71.01.1001', namaKelurahan: '' },
    ...changes,
  });
}

/** A row of an import. */
export function importRow(changes: Partial<ImportRow> & { resident: Resident }): ImportRow {
  return { line: 1n, status: BasicStatus.HIDUP, ...changes };
}
