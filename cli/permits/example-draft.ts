import { Izin } from '../../proto/gen/rangkiang/permit/v1/izin.ts';
import { Element } from '../../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import { usualTerms } from './izin-draft.ts';

const yearMs = 365 * 86_400_000;

/** A draft to begin with: the tax office would also see families, in one kecamatan. Valid for a year from `now`. */
export function exampleDraft(now: Date): Izin {
  return Izin.create({
    ...usualTerms,
    permitId: '00000000-0000-4000-8000-000000000470',
    number: '470/900/IZIN-DATA/2026',
    opd: 'BAPENDA',
    units: [{ unit: 'PUSAT', regions: ['13.71.08', '13.71.11.1003'] }],
    purpose: Purpose.PELAYANAN_PUBLIK,
    methods: ['GetResident', 'GetFamily'].map((name) => `/rangkiang.resident.v1.ResidentService/${name}`),
    elements: [Element.NIK, Element.NAMA_LENGKAP, Element.SHDK, Element.PEKERJAAN, Element.ALAMAT_SEKARANG],
    quotaPerDay: 20_000,
    hours: [
      { days: [1, 2, 3, 4], from: '07:30', until: '16:00' },
      { days: [5], from: '07:30', until: '16:30' },
    ],
    legalBasis: 'UU 1/2022 (Hubungan Keuangan Pusat dan Daerah)',
    subPurpose: 'Pencocokan wajib pajak daerah',
    validFrom: now,
    validUntil: new Date(now.getTime() + yearMs),
    caseNumberRequired: true,
  });
}
