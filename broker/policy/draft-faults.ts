import type { Locale } from '#mesh/errors.ts';
import type { PermitFault } from './compile-permit.ts';
import type { Quarantined } from './snapshot.ts';

/** Faults for which a draft would be put aside by every broker, beside those of a single field's rules. */
export type DraftFaultName = PermitFault | 'PERMIT_ID_REUSED';

/** Where each fault lies and what to do about it, for who writes the draft. */
export const draftFaults: Readonly<Record<DraftFaultName, Readonly<Record<Locale, string>> & { field: string }>> = {
  OPD_UNREGISTERED: {
    field: 'opd',
    id: 'OPD ini tidak terdaftar, atau sebuah kantor yang tidak memakai izin. Pakai kode dari data/opd_kota_padang.csv.',
    en: 'This OPD is not registered, or an office that uses no permits. Use a code of data/opd_kota_padang.csv.',
  },
  UNIT_NAMED_TWICE: {
    field: 'units',
    id: 'Satu unit disebut dua kali. Gabungkan wilayahnya dalam satu baris unit.',
    en: 'A unit is named twice. Put its regions together under one.',
  },
  METHOD_NOT_GRANTABLE: {
    field: 'methods',
    id: 'Ada metode yang tidak ada atau tidak dapat diberikan dengan izin. Pakai metode ResidentService dengan nama lengkapnya.',
    en: 'There is a method that does not exist or that no permit can grant. Use full names of methods of ResidentService.',
  },
  PURPOSE_NOT_GRANTABLE: {
    field: 'purpose',
    id: 'Tujuan ini tidak dapat diberikan dengan izin. Pilih satu dari lima tujuan UU 24/2013 pasal 58(4).',
    en: 'No permit can grant this purpose. Choose one of the five of UU 24/2013 art. 58(4).',
  },
  ELEMENT_NOT_GRANTABLE: {
    field: 'elements',
    id: 'Ada elemen yang tidak boleh diberikan kepada siapa pun (UU 24/2013 pasal 84). Hapus elemen itu.',
    en: 'There is an element that nobody may be granted (UU 24/2013 art. 84). Remove it.',
  },
  DISABILITY_FLAG_MISMATCH: {
    field: 'disability',
    id: 'Elemen CACAT dan tanda disability harus sejalan. Isi keduanya, atau hapus keduanya.',
    en: 'The element CACAT and the flag disability go together. Set both, or neither.',
  },
  VALIDITY_MALFORMED: {
    field: 'valid_until',
    id: 'Masa berlaku berakhir sebelum dimulai. Perbaiki valid_from atau valid_until.',
    en: 'The validity ends before it begins. Correct valid_from or valid_until.',
  },
  HOURS_MALFORMED: {
    field: 'hours',
    id: 'Ada jam pakai yang tidak dapat dibaca. Tulis from dan until sebagai JJ:MM yang berbeda; tengah malam sebagai akhir ditulis 24:00.',
    en: 'There are hours that cannot be read. Write from and until as HH:MM, different from each other; midnight as an end is 24:00.',
  },
  EMERGENCY_UNFIT: {
    field: 'emergency',
    id: 'Izin darurat harus menyebut paling sedikit dua pejabat berbeda, masing-masing dengan kunci Ed25519 sendiri, dan mewajibkan pernyataan operator.',
    en: "An emergency permit must name two different officials at least, each with an Ed25519 key of their own, and demand the operator's assertion.",
  },
  PERMIT_ID_REUSED: {
    field: 'permit_id',
    id: 'Izin dengan UUID ini sudah ada dengan versi yang sama atau lebih tinggi, atau milik OPD lain. Naikkan version, atau pakai UUID permohonan yang baru.',
    en: 'A permit of this UUID stands with the same or a higher version, or is that of another OPD. Raise version, or use the UUID of the new application.',
  },
};

/** Whether a fault is one of a draft; others, such as a bad signature, no draft can have. */
export function isDraftFault(fault: Quarantined['fault']): fault is DraftFaultName {
  return Object.hasOwn(draftFaults, fault);
}
