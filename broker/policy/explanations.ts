import { type Locale, type Reason, reasonText } from '#mesh/errors.ts';
import { areOpen, closesAt, opensAt } from '#mesh/hours.ts';
import { hoursText } from '#mesh/hours-text.ts';
import { JAKARTA_OFFSET_MS } from '#mesh/jakarta.ts';
import type { Candidate } from './candidate.ts';
import { STATUTE } from './casbin.ts';
import { type LateDuties, suspendedText, warningText } from './late-duties.ts';
import { purposeName } from './purposes.ts';
import type { Snapshot } from './snapshot.ts';

type Text = Readonly<Record<Locale, string>>;

/**
 * What happened, in words of the permit that came furthest, and what to do next. {placeholders} are filled with facts of the
 * permit alone: what the caller wrote is never repeated, for it might be anybody's name. Reasons that are not here are told
 * as they are told to a refused call.
 */
export const explanations: Readonly<Partial<Record<Reason, Text>>> = {
  UNIT_NOT_GRANTED: {
    id: 'Izin {number} tidak menyebut unit ini. Periksa kode unit dalam sertifikat; bila benar, minta OPD induk mengajukan izin yang menyebutnya.',
    en: 'Permit {number} does not name this unit. Check the unit in the certificate; if it is right, ask your agency to apply for a permit that names it.',
  },
  PERMIT_REVOKED: {
    id: 'Izin {number} sudah dicabut oleh Walikota. Berhenti memakainya dan hubungi kantor Walikota.',
    en: "The Walikota revoked permit {number}. Stop using it, and contact the Walikota's office.",
  },
  PERMIT_IN_DOUBT: {
    id: 'Izin {number} tidak dihitung: catatan kebijakan dan catatan audit tentangnya tidak sama. Tunggu beberapa saat; bila tetap begitu, hubungi tim keamanan Diskominfo.',
    en: 'Permit {number} does not count: the policy and the audit log do not tell the same of it. Wait a moment; if it stays so, contact the security team of Diskominfo.',
  },
  NOT_ACTIVATED: {
    id: 'Izin {number} sudah terbit tetapi belum diaktifkan. Selesaikan PKS dan juknis dengan Disdukcapil, lalu minta Walikota menandatangani aktivasinya.',
    en: 'Permit {number} is issued and not activated yet. Complete the agreement (PKS) and the technical instruction (juknis) with Disdukcapil, and ask the Walikota to sign its activation.',
  },
  SYSTEM_NOT_ACTIVATED: {
    id: 'Izin {number} tidak diaktifkan untuk sistem ini, hanya untuk {systems}. Panggil dari sistem itu, atau minta izin versi baru yang aktivasinya menyebut sistem ini.',
    en: 'Permit {number} is not activated for this system, only for {systems}. Call from one of these, or ask for a new version whose activation names this one.',
  },
  NETWORK_NOT_ALLOWED: {
    id: 'Izin {number} hanya dapat dipakai dari jaringan {networks}. Panggil dari sana, atau minta izin versi baru yang aktivasinya menyebut jaringan ini.',
    en: 'Permit {number} can be used from the networks {networks} only. Call from there, or ask for a new version whose activation names this network.',
  },
  OUTSIDE_HOURS: {
    id: 'Izin {number} hanya dapat dipakai {hours}. Tunggu sampai {opens}, atau minta izin versi baru dengan jam yang lebih panjang.',
    en: 'Permit {number} can be used {hours} only. Wait until {opens}, or ask for a new version with longer hours.',
  },
  PERMIT_NOT_YET_VALID: {
    id: 'Izin {number} baru berlaku mulai {from}. Tunggu sampai saat itu.',
    en: 'Permit {number} is valid from {from} on. Wait until then.',
  },
  PERMIT_EXPIRED: {
    id: 'Izin {number} habis masa berlakunya pada {until}. Ajukan permohonan baru dengan SubmitApplication.',
    en: 'Permit {number} expired at {until}. Apply for a new one with SubmitApplication.',
  },
  EMERGENCY_NOT_ACTIVE: {
    id: 'Izin darurat {number} belum diaktifkan. Dua dari pejabat ini harus mengaktifkannya bersama: {persons}.',
    en: 'Emergency permit {number} is not activated. Two of these officials must activate it together: {persons}.',
  },
  EMERGENCY_ENDED: {
    id: 'Masa darurat untuk izin {number} sudah berakhir. Berhenti memakainya dan sampaikan laporan untuk telaahnya.',
    en: 'The emergency for permit {number} is over. Stop using it, and report for its review.',
  },
  METHOD_NOT_GRANTED: {
    id: 'Izin {number} hanya untuk {methods}. Pakai metode itu, atau ajukan permohonan untuk metode ini.',
    en: 'Permit {number} is for {methods} only. Use these methods, or apply for this one.',
  },
  PURPOSE_NOT_GRANTED: {
    id: 'Izin {number} hanya untuk tujuan {purposes}. Kirim tujuan itu bila memang itu keperluannya; selain itu ajukan permohonan lain.',
    en: 'Permit {number} is for {purposes} only. Send this purpose if it is why you ask; for anything else apply anew.',
  },
  ELEMENT_NOT_GRANTED: {
    id: 'Izin {number} tidak memberikan satu elemen pun untuk metode ini. Ajukan permohonan yang menyebut elemennya.',
    en: 'Permit {number} grants no element for this method. Apply for a permit that names the elements.',
  },
  REGION_NOT_GRANTED: {
    id: 'Izin {number} tidak memberikan satu wilayah pun kepada unit ini. Ajukan permohonan yang menyebut wilayahnya.',
    en: 'Permit {number} grants no region to this unit. Apply for a permit that names the regions.',
  },
  OPERATOR_REQUIRED: {
    id: 'Izin {number} mewajibkan pernyataan operator. Isi kepala rangkiang-operator pada setiap panggilan.',
    en: "Permit {number} demands the operator's assertion. Set the header rangkiang-operator with every call.",
  },
  CASE_NUMBER_REQUIRED: {
    id: 'Izin {number} mewajibkan nomor perkara atau layanan. Isi kepala rangkiang-case pada setiap panggilan.',
    en: 'Permit {number} demands a case number. Set the header rangkiang-case with every call.',
  },
};

/** The same of statute, which knows neither numbers nor days. */
const ofStatute: Readonly<Partial<Record<Reason, Text>>> = {
  NO_PERMIT: {
    id: 'Metode ini diberikan peraturan kepada kantor lain dan tidak dapat dimohon. Minta kantor yang berwenang melakukannya.',
    en: 'The law gives this method to another office; nobody can apply for it. Ask the office in charge to do it.',
  },
  UNIT_NOT_GRANTED: {
    id: 'Kantor hanya bertindak lewat unit PUSAT. Panggil dengan sertifikat unit PUSAT.',
    en: 'An office acts through its unit PUSAT only. Call with the certificate of PUSAT.',
  },
  PURPOSE_NOT_GRANTED: {
    id: 'Peraturan memberikan metode ini hanya untuk tujuannya sendiri. Kirim PERIZINAN untuk izin dan permohonan, PENGAWASAN untuk catatan, ADMINISTRASI_KEPENDUDUKAN untuk register.',
    en: 'The law gives this method for its own purpose only. Send PERIZINAN for permits and applications, PENGAWASAN for records, ADMINISTRASI_KEPENDUDUKAN for the register.',
  },
};

const allowedBy = {
  permit: {
    id: 'Diizinkan oleh izin {number}, yang berlaku sampai {until}.',
    en: 'Allowed by permit {number}, which is valid until {until}.',
  },
  hours: {
    id: ' Jam pakainya {hours}; sekarang sampai {closes}.',
    en: ' It can be used {hours}; now until {closes}.',
  },
  statute: {
    id: 'Diizinkan oleh peraturan, tanpa izin.',
    en: 'Allowed by the law, without a permit.',
  },
  operator: {
    id: ' Setiap panggilan harus membawa pernyataan operator (kepala rangkiang-operator).',
    en: " Each call must bring the operator's assertion (header rangkiang-operator).",
  },
  caseNumber: {
    id: ' Setiap panggilan harus membawa nomor perkara atau layanan (kepala rangkiang-case).',
    en: ' Each call must bring a case number (header rangkiang-case).',
  },
} as const satisfies Record<string, Text>;

/** What a question may leave out and is then taken as good, by the name of its field. */
const assumptions = {
  system: {
    id: ' Dianggap dipanggil dari sistem yang diaktifkan ({systems}); sebut system untuk memeriksa satu sistem.',
    en: ' A system for which it is activated ({systems}) is assumed; name a system to have one checked.',
  },
  address: {
    id: ' Dianggap dipanggil dari jaringan yang diizinkan ({networks}); sebut address untuk memeriksa satu alamat.',
    en: ' A network that is allowed ({networks}) is assumed; name an address to have one checked.',
  },
} as const satisfies Record<string, Text>;

/** A field that was left out. */
export type Assumption = keyof typeof assumptions;

/**
 * Why a call at `atMs` (milliseconds since 1970 UTC) is or is not carried by a permit or statute, with what to do next. `reason`
 * is undefined when it is; `candidate` when the decision did not come to one. Duties that are late are told with what is
 * suspended or allowed.
 */
export function explanationText(
  reason: Reason | undefined,
  candidate: Candidate | undefined,
  locale: Locale,
  lateDuties: LateDuties,
  atMs: number,
): string {
  if (candidate === undefined) return reason === undefined ? '' : reasonText(reason, locale);
  const late = lateDuties.get(candidate.id) ?? [];
  if (reason === undefined) return allowedText(candidate, locale, atMs) + warningText(late, locale);
  const lacking = reason === 'PERMIT_SUSPENDED' ? suspendedText(candidate.number, late, locale) : '';
  if (lacking !== '') return lacking;
  const text = candidate.id === STATUTE ? ofStatute[reason] : explanations[reason];
  return text ? fill(text[locale], candidate, locale, atMs) : reasonText(reason, locale);
}

/** What is added to an answer that assumed something. */
export function assumptionText(assumed: readonly Assumption[], candidate: Candidate, locale: Locale): string {
  return assumed.map((field) => fill(assumptions[field][locale], candidate, locale)).join('');
}

/** What is added to a refusal while the policy log and the audit log differ; empty when they do not. */
export function doubtText({ unrecorded, missing }: Pick<Snapshot, 'unrecorded' | 'missing'>, locale: Locale): string {
  const count = unrecorded.length + missing.length;
  return count === 0 ? '' : doubt[locale].replace('{count}', String(count));
}

const doubt: Text = {
  id: ' Saat ini {count} perubahan kebijakan tidak cocok dengan catatan audit: yang memperluas tidak dihitung, yang mempersempit tetap berlaku. Bila penolakan ini tidak semestinya, hubungi tim keamanan Diskominfo.',
  en: ' At present {count} changes of the policy do not agree with the audit log: what widens does not count, what narrows does. If this refusal should not be, contact the security team of Diskominfo.',
};

function allowedText(candidate: Candidate, locale: Locale, atMs: number): string {
  const { izin, hours } = candidate;
  if (!izin) return allowedBy.statute[locale];
  return [
    fill(allowedBy.permit[locale], candidate, locale),
    hours && areOpen(hours, atMs, atMs) ? fill(allowedBy.hours[locale], candidate, locale, atMs) : '',
    izin.operatorRequired ? allowedBy.operator[locale] : '',
    izin.caseNumberRequired ? allowedBy.caseNumber[locale] : '',
  ].join('');
}

function fill(template: string, candidate: Candidate, locale: Locale, atMs = 0): string {
  const { number, izin, activation, rows, validFromMs, validUntilMs, hours } = candidate;
  const facts: Readonly<Record<string, () => string>> = {
    number: () => number,
    from: () => moment(validFromMs),
    until: () => moment(validUntilMs),
    methods: () => [...rows.keys()].map((method) => method.split('/').at(-1)).join(', '),
    persons: () => izin?.emergency?.persons.map(({ name }) => name).join('; ') ?? '',
    systems: () => listed(activation?.aktivasi?.systems),
    networks: () => listed(activation?.aktivasi?.networks),
    hours: () => hoursText(izin?.hours ?? [], locale),
    opens: () => (hours ? moment(opensAt(hours, atMs)) : ''),
    closes: () => (hours ? moment(closesAt(hours, atMs)) : ''),
    purposes: () => (izin ? purposeName(izin.purpose) : ''),
  };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => facts[name]?.() ?? '');
}

/** "-" for none: then nobody may. */
function listed(names: readonly string[] = []): string {
  return names.join(', ') || '-';
}

/** A moment as it stands on clocks in Padang, "2026-06-01 00:00 WIB". */
function moment(ms: number): string {
  return `${new Date(ms + JAKARTA_OFFSET_MS).toISOString().slice(0, 16).replace('T', ' ')} WIB`;
}
