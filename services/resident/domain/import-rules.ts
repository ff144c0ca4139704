import { BasicStatus, type ImportRow } from '#gen/rangkiang/resident/v1/registry.ts';
import type { Address, Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import type { DateMessage as CalendarDate } from '#gen/rangkiang/type/v1/date.ts';
import { type DateNumber, isRegisterDate, numberOf } from './calendar.ts';
import type { Fault } from './import-faults.ts';
import { isNik, isSixteenDigits } from './nik.ts';
import type { Regions } from './regions.ts';

/** What a check needs to know beside the value. */
interface Setting {
  readonly regions: Regions;
  readonly today: DateNumber;
}

/** What is wrong with a value; undefined when nothing is. An absent value is fine unless the check says otherwise. */
type Check<T> = (value: T | undefined, setting: Setting) => Fault | undefined;

/** Nobody on record was born earlier, and no date on record lies before. */
const FIRST_YEAR = 1850;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for; Postgres stores no NUL
const CONTROL = /[\u0000-\u001f\u007f]/;

const present =
  <T>(check: Check<T>): Check<T> =>
  (value, setting) =>
    value === undefined ? 'MISSING' : check(value, setting);

const sixteenDigits: Check<string> = (value) =>
  value === undefined || isSixteenDigits(value) ? undefined : 'NOT_16_DIGITS';

const nik: Check<string> = (value, setting) =>
  sixteenDigits(value, setting) ?? (value === undefined || isNik(value) ? undefined : 'NOT_A_NIK');

/** At most this many characters (code points), none of them a control character. */
const text =
  (mostCharacters: number): Check<string> =>
  (value) => {
    if (value === undefined) return undefined;
    if (value.length > mostCharacters && [...value].length > mostCharacters) return 'TOO_LONG';
    return CONTROL.test(value) ? 'CONTROL_CHARACTER' : undefined;
  };

const name: Check<string> = (value, setting) => (value?.trim() === '' ? 'MISSING' : text(100)(value, setting));

/** A code from 1 to the last of its list in data/code_lists.csv. */
const code =
  (last: number): Check<number> =>
  (value) =>
    value === undefined || (Number.isInteger(value) && value >= 1 && value <= last) ? undefined : 'NOT_IN_LIST';

const date: Check<CalendarDate> = (value, { today }) => {
  if (value === undefined || value.year === 0) return value && !isRegisterDate(value) ? 'NO_SUCH_DATE' : undefined;
  if (!isRegisterDate(value)) return 'NO_SUCH_DATE';
  if (value.year < FIRST_YEAR) return 'DATE_TOO_EARLY';
  return numberOf(value) > today ? 'DATE_IN_FUTURE' : undefined;
};

const threeDigits: Check<string> = (value) => (/^([0-9]{3})?$/.test(value ?? '') ? undefined : 'NOT_3_DIGITS');

const anyRegion: Check<string> = (value) =>
  /^([0-9]{2}(\.[0-9]{2}){1,2}(\.[0-9]{4})?)?$/.test(value ?? '') ? undefined : 'NOT_A_REGION_CODE';

const kelurahanHere: Check<string> = (value, { regions }) =>
  value !== undefined && regions.numberOf(value) !== undefined ? undefined : 'NOT_IN_PADANG';

const nothing: Check<unknown> = () => undefined;

/** Checks of the fields of a resident, by their names in the contract; the first fault in this order is told. */
const residentRules = rules<Resident>([
  ['nik', 'nik', present(nik)],
  ['nomor_kk', 'nomorKk', present(sixteenDigits)],
  ['nama_lengkap', 'namaLengkap', present(name)],
  ['jenis_kelamin', 'jenisKelamin', present(code(2))],
  ['tempat_lahir', 'tempatLahir', text(60)],
  ['tanggal_lahir', 'tanggalLahir', present(date)],
  ['golongan_darah', 'golonganDarah', code(13)],
  ['agama', 'agama', code(7)],
  ['status_kawin', 'statusKawin', code(4)],
  ['shdk', 'shdk', code(11)],
  ['cacat', 'cacat', code(7)],
  ['pendidikan_terakhir', 'pendidikanTerakhir', code(10)],
  ['pekerjaan', 'pekerjaan', code(89)],
  ['nik_ibu', 'nikIbu', sixteenDigits],
  ['nama_ibu', 'namaIbu', text(100)],
  ['nik_ayah', 'nikAyah', sixteenDigits],
  ['nama_ayah', 'namaAyah', text(100)],
  ['alamat_sebelumnya', 'alamatSebelumnya', nothing],
  ['alamat_sekarang', 'alamatSekarang', present(nothing)],
  ['no_akta_lahir', 'noAktaLahir', text(40)],
  ['no_akta_kawin', 'noAktaKawin', text(40)],
  ['tanggal_kawin', 'tanggalKawin', date],
  ['no_akta_cerai', 'noAktaCerai', text(40)],
  ['tanggal_cerai', 'tanggalCerai', date],
]);

/** Checks of an address anywhere. The name of the kelurahan is ignored: the server knows it. */
const previousAddressRules = rules<Address>([
  ['jalan', 'jalan', text(120)],
  ['rt', 'rt', threeDigits],
  ['rw', 'rw', threeDigits],
  ['kelurahan', 'kelurahan', anyRegion],
]);

/** Checks of an address that scopes permits. */
const currentAddressRules = rules<Address>([
  ['jalan', 'jalan', text(120)],
  ['rt', 'rt', threeDigits],
  ['rw', 'rw', threeDigits],
  ['kelurahan', 'kelurahan', kelurahanHere],
]);

/** A fault and the field that has it. */
export interface RowFault {
  /** Path of the field from the row on, e.g. "resident.alamat_sekarang.kelurahan". */
  readonly field: string;
  readonly fault: Fault;
}

/**
 * The first fault of an imported row; undefined when it may enter. Complete: what passes also passes the rules beside the
 * fields in the contract (tested), which are not run on rows because they would cost ten times as much.
 */
export function faultOfRow(row: ImportRow, setting: Setting): RowFault | undefined {
  if (row.line < 1n) return { field: 'line', fault: 'LINE_INVALID' };
  if (!row.resident) return { field: 'resident', fault: 'MISSING' };
  if (row.status < BasicStatus.HIDUP || row.status > BasicStatus.HILANG)
    return { field: 'status', fault: 'NOT_IN_LIST' };
  const { alamatSekarang, alamatSebelumnya } = row.resident;
  return (
    firstFault('resident.', row.resident, residentRules, setting) ??
    (alamatSebelumnya && firstFault('resident.alamat_sebelumnya.', alamatSebelumnya, previousAddressRules, setting)) ??
    (alamatSekarang && firstFault('resident.alamat_sekarang.', alamatSekarang, currentAddressRules, setting))
  );
}

interface Rule<M> {
  readonly name: string;
  readonly fault: (message: M, setting: Setting) => Fault | undefined;
}

/** A table of [name in the contract, field, check of its value]; the compiler holds each check against its field's type. */
function rules<M>(
  table: readonly { [K in keyof M]-?: readonly [string, K, Check<NonNullable<M[K]>>] }[keyof M][],
): Rule<M>[] {
  return table.map(([name, field, check]) => ({
    name,
    fault: (message, setting) => (check as Check<unknown>)(message[field as keyof M], setting),
  }));
}

function firstFault<M>(path: string, message: M, table: readonly Rule<M>[], setting: Setting): RowFault | undefined {
  for (const { name, fault: check } of table) {
    const fault = check(message, setting);
    if (fault) return { field: path + name, fault };
  }
  return undefined;
}
