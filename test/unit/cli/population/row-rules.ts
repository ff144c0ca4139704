import assert from 'node:assert/strict';
import { AS_OF, civil, dayOf } from '../../../../cli/population/calendar.ts';
import { readData } from '../../../../cli/population/csv.ts';
import { BasicStatus, type ImportRow } from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';
import type { Address, Resident } from '../../../../proto/gen/rangkiang/resident/v1/resident.ts';
import type { DateMessage } from '../../../../proto/gen/rangkiang/type/v1/date.ts';

const codes = new Set(readData('code_lists.csv', ['list', 'code']).map(({ list, code }) => `${list} ${code}`));
const kelurahan = new Set(
  readData('regions_kota_padang.csv', ['code', 'level'])
    .filter(({ level }) => level === 'kelurahan')
    .map(({ code }) => code),
);
const origins = new Set([
  ...readData('regions_kota_padang.csv', ['code', 'level'])
    .filter(({ level }) => level === 'kecamatan')
    .map(({ code }) => code),
  ...readData('regions_elsewhere.csv', ['code']).map(({ code }) => code),
]);
const originPrefixes = new Set([...origins].map((code) => code.replaceAll('.', '')));

const CODED = [
  ['jenisKelamin', 'jenis_kelamin'],
  ['golonganDarah', 'golongan_darah'],
  ['agama', 'agama'],
  ['statusKawin', 'status_kawin'],
  ['shdk', 'shdk'],
  ['cacat', 'disabilitas'],
  ['pendidikanTerakhir', 'pendidikan_terakhir'],
  ['pekerjaan', 'pekerjaan'],
] as const;

/** A date that exists, with unknown parts only from the right. */
function checkDate(date: DateMessage | undefined): void {
  assert.ok(date && date.year >= 1900 && dayOf(date.year, date.month || 1, date.day || 1) <= AS_OF);
  if (date.month === 0) assert.equal(date.day, 0);
  else if (date.day !== 0) assert.deepEqual(civil(dayOf(date.year, date.month, date.day)), { ...date });
}

function checkAddress(address: Address | undefined): asserts address is Address {
  assert.ok(address);
  assert.match(address.jalan, /^(JL|KOMPLEK)[A-Z. ]+ (BLOK [A-K] )?NO\. \d+$/);
  assert.ok(address.jalan.length <= 120);
  assert.match(address.rt, /^00[1-9]$/);
  assert.match(address.rw, /^0[0-2]\d$/);
  assert.equal(address.namaKelurahan, '');
}

/** Certificate: there is a number exactly when one is held. */
function checkDeed(held: boolean | undefined, number: string | undefined): void {
  assert.equal(typeof held, 'boolean');
  assert.equal(held, number !== undefined);
  if (number) assert.ok(number.length <= 40);
}

function checkName(name: string | undefined): void {
  assert.match(name ?? '', /^[A-Z]{2,}( [A-Z]+)*$/);
  assert.ok((name as string).length <= 100);
}

/** A NIK or family card number that nobody has: 16 digits, a kecamatan and a date that exist, sequence 9000 to 9999. */
function checkNumber(number: string | undefined): void {
  assert.match(number ?? '', /^\d{12}9\d{3}$/);
  const text = number as string;
  assert.ok(originPrefixes.has(text.slice(0, 6)));
  const day = Number(text.slice(6, 8)) % 40;
  const month = Number(text.slice(8, 10));
  const year = Number(text.slice(10, 12));
  const exists = [1900, 2000].some((century) => civil(dayOf(century + year, month, day)).day === day);
  assert.ok(day >= 1 && month >= 1 && month <= 12 && exists, text);
}

/** The rules of resident.proto for one row, and those of a register in good order. Answers its resident. */
export function checkRow(row: ImportRow): Resident {
  const { resident } = row;
  assert.ok(resident);
  assert.ok(row.line >= 1n);
  assert.notEqual(row.status, BasicStatus.UNSPECIFIED);
  checkNumber(resident.nik);
  checkNumber(resident.nomorKk);
  for (const nik of [resident.nikIbu, resident.nikAyah]) if (nik !== undefined) checkNumber(nik);
  for (const name of [resident.namaLengkap, resident.namaIbu, resident.namaAyah]) checkName(name);
  for (const [field, list] of CODED) assert.ok(codes.has(`${list} ${resident[field]}`), field);
  checkDate(resident.tanggalLahir);
  assert.match(resident.tempatLahir ?? '', /^[A-Z][A-Z ]+$/);
  checkAddress(resident.alamatSekarang);
  assert.ok(kelurahan.has(resident.alamatSekarang.kelurahan));
  if (resident.alamatSebelumnya) {
    checkAddress(resident.alamatSebelumnya);
    const { kelurahan: code } = resident.alamatSebelumnya;
    assert.ok(kelurahan.has(code) || origins.has(code));
  }
  checkDeed(resident.punyaAktaLahir, resident.noAktaLahir);
  checkDeed(resident.punyaAktaKawin, resident.noAktaKawin);
  checkDeed(resident.punyaAktaCerai, resident.noAktaCerai);
  assert.equal(resident.tanggalKawin !== undefined, resident.statusKawin !== 1);
  assert.equal(resident.tanggalCerai !== undefined, resident.statusKawin === 3);
  for (const date of [resident.tanggalKawin, resident.tanggalCerai]) if (date) checkDate(date);
  return resident;
}
