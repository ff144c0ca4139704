import type { Locale } from '#mesh/errors.ts';

/** What can be wrong with a field of an imported row, in words for people. None of them holds the value. */
export const faultTexts = {
  MISSING: { id: 'wajib diisi', en: 'is required' },
  LINE_INVALID: { id: 'harus 1 atau lebih', en: 'must be 1 or more' },
  NOT_16_DIGITS: { id: 'harus 16 angka', en: 'must be 16 digits' },
  NOT_A_NIK: {
    id: 'bukan NIK: tanggal atau nomor urut di dalamnya tidak mungkin',
    en: 'is no NIK: the date or sequence in it is impossible',
  },
  TOO_LONG: { id: 'terlalu panjang', en: 'is too long' },
  CONTROL_CHARACTER: { id: 'memuat karakter kendali', en: 'contains a control character' },
  NOT_IN_LIST: { id: 'tidak ada dalam daftar kode', en: 'is not in the list of codes' },
  NO_SUCH_DATE: {
    id: 'bukan tanggal; bulan atau hari yang tidak diketahui ditulis 0',
    en: 'is no date; an unknown month or day is 0',
  },
  DATE_TOO_EARLY: { id: 'terlalu lampau', en: 'is too long ago' },
  DATE_IN_FUTURE: { id: 'belum terjadi', en: 'lies in the future' },
  NOT_3_DIGITS: { id: 'harus 3 angka atau kosong', en: 'must be 3 digits or empty' },
  NOT_A_REGION_CODE: { id: 'bukan kode wilayah', en: 'is no region code' },
  NOT_IN_PADANG: { id: 'bukan kelurahan Kota Padang', en: 'is no kelurahan of Padang' },
} as const satisfies Record<string, Readonly<Record<Locale, string>>>;

/** A key of faultTexts. */
export type Fault = keyof typeof faultTexts;
