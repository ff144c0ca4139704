import type { ApplicationContent } from '../../proto/gen/rangkiang/permit/v1/permit.ts';
import { Element } from '../../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import { type IzinTerms, usualTerms } from '../permits/izin-draft.ts';
import { healthOffice, mainUnit, puskesmas } from '../state/callers.ts';

/** A demonstration permit: what the OPD applies for, and what the Walikota adds. */
export interface DemoPermit {
  readonly opd: string;
  readonly content: ApplicationContent;
  readonly terms: IzinTerms;
}

/** An OPD that has not applied for anything: what it is told is part of the demonstration. */
export const withoutPermit = { caller: 'DINSOS', purpose: 'PELAYANAN_PUBLIK' } as const;

const city = '13.71';
const resident = (name: string) => `/rangkiang.resident.v1.ResidentService/${name}`;

/** The demonstration permits, in the order in which the Walikota signs them. */
export const demoPermits: readonly DemoPermit[] = [
  {
    opd: healthOffice,
    content: {
      units: puskesmas.map(({ unit, kecamatan }) => ({ unit, regions: [kecamatan] })),
      purpose: Purpose.PELAYANAN_PUBLIK,
      purposeText: 'Pendaftaran dan pelayanan pasien di 23 Puskesmas, masing-masing di kecamatannya sendiri.',
      elements: [
        Element.NIK,
        Element.NAMA_LENGKAP,
        Element.JENIS_KELAMIN,
        Element.TEMPAT_LAHIR,
        Element.TANGGAL_LAHIR,
        Element.GOLONGAN_DARAH,
        Element.SHDK,
        Element.ALAMAT_SEKARANG,
      ],
      methods: ['VerifyResident', 'GetResident', 'GetFamily'].map(resident),
      dataBalikan: 'Kepesertaan layanan kesehatan dan koreksi golongan darah, setiap bulan.',
      termMonths: 24,
      quotaPerDay: 1_000_000,
      hours: [],
      legalBasis: 'UU 17/2023 (Kesehatan)',
      subPurpose: 'Pendaftaran dan pelayanan pasien di Puskesmas',
    },
    // Patients are children too, and 23 units share one quota.
    terms: { ...usualTerms, number: '470/001/IZIN-DATA/2026', quotaPerMinute: 60_000, children: true },
  },
  {
    opd: 'DISDIK',
    content: {
      units: [{ unit: mainUnit, regions: [city] }],
      purpose: Purpose.PERENCANAAN_PEMBANGUNAN,
      purposeText: 'Perencanaan sekolah menurut pendidikan terakhir, umur dan jenis kelamin penduduk.',
      elements: [Element.JENIS_KELAMIN, Element.TANGGAL_LAHIR, Element.PENDIDIKAN_TERAKHIR],
      methods: [resident('AggregateResidents')],
      dataBalikan: 'Jumlah lulusan menurut sekolah, setiap tahun ajaran.',
      termMonths: 12,
      quotaPerDay: 10_000,
      hours: [],
      legalBasis: 'UU 20/2003 (Sistem Pendidikan Nasional)',
      subPurpose: '',
    },
    terms: { ...usualTerms, number: '470/002/IZIN-DATA/2026' },
  },
  {
    opd: 'BAPENDA',
    content: {
      units: [{ unit: mainUnit, regions: [city] }],
      purpose: Purpose.PELAYANAN_PUBLIK,
      purposeText: 'Pencocokan wajib pajak dan alamat penagihan pajak daerah.',
      elements: [Element.NIK, Element.NAMA_LENGKAP, Element.ALAMAT_SEKARANG],
      methods: ['VerifyResident', 'GetResident'].map(resident),
      dataBalikan: 'Alamat wajib pajak yang berubah, setiap bulan.',
      termMonths: 12,
      quotaPerDay: 100_000,
      hours: [],
      legalBasis: 'UU 1/2022 (Hubungan Keuangan Pusat dan Daerah)',
      subPurpose: 'Pencocokan wajib pajak daerah',
    },
    terms: { ...usualTerms, number: '470/003/IZIN-DATA/2026' },
  },
  {
    opd: 'KEC_11',
    content: {
      units: [{ unit: mainUnit, regions: ['13.71.11'] }],
      purpose: Purpose.PELAYANAN_PUBLIK,
      purposeText: 'Surat keterangan dan layanan administrasi warga Kecamatan Koto Tangah.',
      elements: [
        Element.NIK,
        Element.NAMA_LENGKAP,
        Element.JENIS_KELAMIN,
        Element.TEMPAT_LAHIR,
        Element.TANGGAL_LAHIR,
        Element.AGAMA,
        Element.STATUS_KAWIN,
        Element.PEKERJAAN,
        Element.ALAMAT_SEKARANG,
      ],
      methods: ['VerifyResident', 'GetResident'].map(resident),
      dataBalikan: 'Perpindahan dan kematian yang dilaporkan warga, setiap minggu.',
      termMonths: 12,
      quotaPerDay: 50_000,
      // A demonstration must go on at night.
      hours: [{ days: [], from: '00:00', until: '24:00' }],
      legalBasis: 'PP 17/2018 (Kecamatan)',
      subPurpose: '',
    },
    terms: { ...usualTerms, number: '470/004/IZIN-DATA/2026' },
  },
];
