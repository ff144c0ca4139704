import type { Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { numberOf } from '../domain/calendar.ts';

/** A column of table `residents`, the element that it belongs to, and what it holds of a resident that passed the import rules. */
export interface Column {
  readonly name: string;
  readonly type: 'int8' | 'int4' | 'int2' | 'bool' | 'text';
  readonly element: Element;
  readonly value: (resident: Resident) => string | number | boolean | null;
}

/** The columns that hold elements; an address takes four. */
export const elementColumns: readonly Column[] = [
  { name: 'nomor_kk', type: 'int8', element: Element.NOMOR_KK, value: (r) => r.nomorKk ?? null },
  { name: 'nik', type: 'int8', element: Element.NIK, value: (r) => r.nik ?? null },
  { name: 'nama_lengkap', type: 'text', element: Element.NAMA_LENGKAP, value: (r) => textOf(r.namaLengkap) },
  { name: 'jenis_kelamin', type: 'int2', element: Element.JENIS_KELAMIN, value: (r) => r.jenisKelamin ?? null },
  { name: 'tempat_lahir', type: 'text', element: Element.TEMPAT_LAHIR, value: (r) => textOf(r.tempatLahir) },
  { name: 'tanggal_lahir', type: 'int4', element: Element.TANGGAL_LAHIR, value: (r) => dateNumberOf(r.tanggalLahir) },
  { name: 'golongan_darah', type: 'int2', element: Element.GOLONGAN_DARAH, value: (r) => r.golonganDarah ?? null },
  { name: 'agama', type: 'int2', element: Element.AGAMA, value: (r) => r.agama ?? null },
  { name: 'status_kawin', type: 'int2', element: Element.STATUS_KAWIN, value: (r) => r.statusKawin ?? null },
  { name: 'shdk', type: 'int2', element: Element.SHDK, value: (r) => r.shdk ?? null },
  { name: 'cacat', type: 'int2', element: Element.CACAT, value: (r) => r.cacat ?? null },
  {
    name: 'pendidikan_terakhir',
    type: 'int2',
    element: Element.PENDIDIKAN_TERAKHIR,
    value: (r) => r.pendidikanTerakhir ?? null,
  },
  { name: 'pekerjaan', type: 'int2', element: Element.PEKERJAAN, value: (r) => r.pekerjaan ?? null },
  { name: 'nik_ibu', type: 'int8', element: Element.NIK_IBU, value: (r) => r.nikIbu ?? null },
  { name: 'nama_ibu', type: 'text', element: Element.NAMA_IBU, value: (r) => textOf(r.namaIbu) },
  { name: 'nik_ayah', type: 'int8', element: Element.NIK_AYAH, value: (r) => r.nikAyah ?? null },
  { name: 'nama_ayah', type: 'text', element: Element.NAMA_AYAH, value: (r) => textOf(r.namaAyah) },
  {
    name: 'jalan_sebelumnya',
    type: 'text',
    element: Element.ALAMAT_SEBELUMNYA,
    value: (r) => textOf(r.alamatSebelumnya?.jalan),
  },
  {
    name: 'rt_sebelumnya',
    type: 'int2',
    element: Element.ALAMAT_SEBELUMNYA,
    value: (r) => textOf(r.alamatSebelumnya?.rt),
  },
  {
    name: 'rw_sebelumnya',
    type: 'int2',
    element: Element.ALAMAT_SEBELUMNYA,
    value: (r) => textOf(r.alamatSebelumnya?.rw),
  },
  {
    name: 'kelurahan_sebelumnya',
    type: 'text',
    element: Element.ALAMAT_SEBELUMNYA,
    value: (r) => textOf(r.alamatSebelumnya?.kelurahan),
  },
  { name: 'jalan', type: 'text', element: Element.ALAMAT_SEKARANG, value: (r) => textOf(r.alamatSekarang?.jalan) },
  { name: 'rt', type: 'int2', element: Element.ALAMAT_SEKARANG, value: (r) => textOf(r.alamatSekarang?.rt) },
  { name: 'rw', type: 'int2', element: Element.ALAMAT_SEKARANG, value: (r) => textOf(r.alamatSekarang?.rw) },
  {
    name: 'kelurahan',
    type: 'int4',
    element: Element.ALAMAT_SEKARANG,
    value: (r) => r.alamatSekarang?.kelurahan.replaceAll('.', '') ?? null,
  },
  {
    name: 'punya_akta_lahir',
    type: 'bool',
    element: Element.PUNYA_AKTA_LAHIR,
    value: (r) => r.punyaAktaLahir ?? null,
  },
  { name: 'no_akta_lahir', type: 'text', element: Element.NO_AKTA_LAHIR, value: (r) => textOf(r.noAktaLahir) },
  {
    name: 'punya_akta_kawin',
    type: 'bool',
    element: Element.PUNYA_AKTA_KAWIN,
    value: (r) => r.punyaAktaKawin ?? null,
  },
  { name: 'no_akta_kawin', type: 'text', element: Element.NO_AKTA_KAWIN, value: (r) => textOf(r.noAktaKawin) },
  { name: 'tanggal_kawin', type: 'int4', element: Element.TANGGAL_KAWIN, value: (r) => dateNumberOf(r.tanggalKawin) },
  {
    name: 'punya_akta_cerai',
    type: 'bool',
    element: Element.PUNYA_AKTA_CERAI,
    value: (r) => r.punyaAktaCerai ?? null,
  },
  { name: 'no_akta_cerai', type: 'text', element: Element.NO_AKTA_CERAI, value: (r) => textOf(r.noAktaCerai) },
  { name: 'tanggal_cerai', type: 'int4', element: Element.TANGGAL_CERAI, value: (r) => dateNumberOf(r.tanggalCerai) },
];

/** An empty text is nothing on record. */
function textOf(text: string | undefined): string | null {
  return text || null;
}

/** A date of which nothing is known is nothing on record. */
function dateNumberOf(date: Resident['tanggalLahir']): number | null {
  return (date && numberOf(date)) || null;
}
