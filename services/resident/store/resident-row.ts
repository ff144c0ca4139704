import type { Address, Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import { dateOf } from '../domain/calendar.ts';
import { codeOf, type Regions } from '../domain/regions.ts';

/** The masked columns of one resident as they are read: null when masked or not on record. */
export interface ResidentRow {
  readonly nomor_kk: bigint | null;
  readonly nik: bigint | null;
  readonly nama_lengkap: string | null;
  readonly jenis_kelamin: number | null;
  readonly tempat_lahir: string | null;
  readonly tanggal_lahir: number | null;
  readonly golongan_darah: number | null;
  readonly agama: number | null;
  readonly status_kawin: number | null;
  readonly shdk: number | null;
  readonly cacat: number | null;
  readonly pendidikan_terakhir: number | null;
  readonly pekerjaan: number | null;
  readonly nik_ibu: bigint | null;
  readonly nama_ibu: string | null;
  readonly nik_ayah: bigint | null;
  readonly nama_ayah: string | null;
  readonly jalan_sebelumnya: string | null;
  readonly rt_sebelumnya: number | null;
  readonly rw_sebelumnya: number | null;
  readonly kelurahan_sebelumnya: string | null;
  readonly jalan: string | null;
  readonly rt: number | null;
  readonly rw: number | null;
  readonly kelurahan: number | null;
  readonly punya_akta_lahir: boolean | null;
  readonly no_akta_lahir: string | null;
  readonly punya_akta_kawin: boolean | null;
  readonly no_akta_kawin: string | null;
  readonly tanggal_kawin: number | null;
  readonly punya_akta_cerai: boolean | null;
  readonly no_akta_cerai: string | null;
  readonly tanggal_cerai: number | null;
}

/** The resident of a row, with the names of the regions in its addresses. */
export function residentOf(row: ResidentRow, regions: Regions): Resident {
  return {
    nomorKk: sixteenDigits(row.nomor_kk),
    nik: sixteenDigits(row.nik),
    namaLengkap: row.nama_lengkap ?? undefined,
    jenisKelamin: row.jenis_kelamin ?? undefined,
    tempatLahir: row.tempat_lahir ?? undefined,
    tanggalLahir: date(row.tanggal_lahir),
    golonganDarah: row.golongan_darah ?? undefined,
    agama: row.agama ?? undefined,
    statusKawin: row.status_kawin ?? undefined,
    shdk: row.shdk ?? undefined,
    cacat: row.cacat ?? undefined,
    pendidikanTerakhir: row.pendidikan_terakhir ?? undefined,
    pekerjaan: row.pekerjaan ?? undefined,
    nikIbu: sixteenDigits(row.nik_ibu),
    namaIbu: row.nama_ibu ?? undefined,
    nikAyah: sixteenDigits(row.nik_ayah),
    namaAyah: row.nama_ayah ?? undefined,
    alamatSebelumnya: address(
      {
        jalan: row.jalan_sebelumnya,
        rt: row.rt_sebelumnya,
        rw: row.rw_sebelumnya,
        kelurahan: row.kelurahan_sebelumnya,
      },
      regions,
    ),
    alamatSekarang: address(
      { jalan: row.jalan, rt: row.rt, rw: row.rw, kelurahan: row.kelurahan === null ? null : codeOf(row.kelurahan) },
      regions,
    ),
    punyaAktaLahir: row.punya_akta_lahir ?? undefined,
    noAktaLahir: row.no_akta_lahir ?? undefined,
    punyaAktaKawin: row.punya_akta_kawin ?? undefined,
    noAktaKawin: row.no_akta_kawin ?? undefined,
    tanggalKawin: date(row.tanggal_kawin),
    punyaAktaCerai: row.punya_akta_cerai ?? undefined,
    noAktaCerai: row.no_akta_cerai ?? undefined,
    tanggalCerai: date(row.tanggal_cerai),
  };
}

/** A NIK or KK number as it is written: a bigint has lost its leading zeros. */
export function sixteenDigits(number: bigint): string;
export function sixteenDigits(number: bigint | null): string | undefined;
export function sixteenDigits(number: bigint | null): string | undefined {
  return number === null ? undefined : String(number).padStart(16, '0');
}

function date(number: number | null): Resident['tanggalLahir'] {
  return number === null ? undefined : dateOf(number);
}

function address(
  parts: { jalan: string | null; rt: number | null; rw: number | null; kelurahan: string | null },
  regions: Regions,
): Address | undefined {
  const { jalan, rt, rw, kelurahan } = parts;
  if (jalan === null && rt === null && rw === null && kelurahan === null) return undefined;
  return {
    jalan: jalan ?? '',
    rt: threeDigits(rt),
    rw: threeDigits(rw),
    kelurahan: kelurahan ?? '',
    namaKelurahan: regions.nameOf(kelurahan ?? ''),
  };
}

function threeDigits(number: number | null): string {
  return number === null ? '' : String(number).padStart(3, '0');
}
