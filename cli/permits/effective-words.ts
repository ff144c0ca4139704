import { hoursText } from '../../mesh/hours-text.ts';
import type { EffectiveRow, PermitTerms } from '../../proto/gen/rangkiang/broker/v1/effective.ts';
import type { Locale, Text } from '../language.ts';
import { lateLine } from './duty-words.ts';
import { elementWords, inColumns, methodWords, moment, regionWords } from './names.ts';

const texts = {
  statute: { id: 'Menurut peraturan, tanpa izin', en: 'By law, without a permit' },
  permit: { id: 'Izin', en: 'Permit' },
  purpose: { id: 'tujuan', en: 'purpose' },
  valid: { id: 'berlaku', en: 'valid' },
  hours: { id: 'jam pakai', en: 'hours' },
  legalBasis: { id: 'dasar hukum', en: 'legal basis' },
  subPurpose: { id: 'rincian tujuan', en: 'sub-purpose' },
  systems: { id: 'sistem', en: 'systems' },
  networks: { id: 'jaringan', en: 'networks' },
  until: { id: 'sampai', en: 'until' },
  elements: { id: 'elemen', en: 'elements' },
  quota: { id: 'kuota', en: 'quota' },
  demands: { id: 'wajib', en: 'required' },
  operator: { id: 'pernyataan operator (rangkiang-operator)', en: "operator's assertion (rangkiang-operator)" },
  caseNumber: { id: 'nomor kasus (rangkiang-case)', en: 'case number (rangkiang-case)' },
  adults: { id: 'hanya penduduk 18 tahun ke atas', en: 'residents of 18 and older only' },
  everybody: { id: 'penduduk semua umur', en: 'residents of all ages' },
  ages: { id: 'penduduk', en: 'residents' },
  late: { id: 'TERLAMBAT', en: 'LATE' },
  everyUnit: { id: 'setiap unit', en: 'every unit' },
} as const satisfies Record<string, Text>;

/** What an OPD may call, as its programmers need it: permit by permit, unit by unit. */
export function effectiveReport(
  rows: readonly EffectiveRow[],
  permits: readonly PermitTerms[],
  locale: Locale,
): string {
  const terms = new Map(permits.map((permit) => [permit.permit, permit]));
  const blocks = Map.groupBy(rows, ({ permit, purpose, elements }) => JSON.stringify([permit, purpose, elements]));
  return [...blocks.values()]
    .map((block) => blockLines(block, terms.get(block[0]?.permit ?? ''), locale).join('\n'))
    .join('\n\n');
}

function blockLines(rows: readonly EffectiveRow[], terms: PermitTerms | undefined, locale: Locale): string[] {
  const [first] = rows;
  if (!first || !terms) return [];
  const facts = [[texts.purpose[locale], first.purpose], ...(terms.number ? factsOf(terms, first, locale) : [])];
  const alike = Map.groupBy(rows, ({ unit, regions, reason }) => JSON.stringify([unit, regions, reason]));
  const units = [...alike.values()].map((group) => {
    const { unit = '', regions = [], text = '' } = group[0] ?? {};
    const methods = methodWords(group.map(({ method }) => method));
    return [unit === '*' ? texts.everyUnit[locale] : unit, methods, regionWords(regions), text];
  });
  return [
    terms.number ? `${texts.permit[locale]} ${terms.number}  ${terms.permit}` : texts.statute[locale],
    ...inColumns(facts, 2),
    ...inColumns(units, 4),
  ];
}

function factsOf(terms: PermitTerms, { elements }: EffectiveRow, locale: Locale): string[][] {
  const number = (value: number) => value.toLocaleString(locale);
  const { quotaPerDay, quotaPerMinute, rowCap } = terms;
  const quota: Text = {
    id: `${number(quotaPerDay)} baris sehari, ${number(quotaPerMinute)} panggilan semenit, ${number(rowCap)} baris per jawaban`,
    en: `${number(quotaPerDay)} rows a day, ${number(quotaPerMinute)} calls a minute, ${number(rowCap)} rows in an answer`,
  };
  const demands = [
    ...(terms.operatorRequired ? [texts.operator[locale]] : []),
    ...(terms.caseNumberRequired ? [texts.caseNumber[locale]] : []),
  ];
  return [
    [texts.valid[locale], `${moment(terms.validFrom)} ${texts.until[locale]} ${moment(terms.validUntil)}`],
    [texts.hours[locale], hoursText(terms.hours, locale)],
    ...stated(texts.legalBasis[locale], terms.legalBasis),
    ...stated(texts.subPurpose[locale], terms.subPurpose),
    [texts.systems[locale], terms.systems.join(', ') || '-'],
    [texts.networks[locale], terms.networks.join(', ') || '-'],
    [texts.quota[locale], quota[locale]],
    [texts.elements[locale], elementWords(elements, locale)],
    [texts.ages[locale], (terms.children ? texts.everybody : texts.adults)[locale]],
    ...terms.lateDuties.map((late) => [texts.late[locale], lateLine(late, locale)]),
    ...(demands.length > 0 ? [[texts.demands[locale], demands.join(', ')]] : []),
  ];
}

function stated(name: string, text: string): string[][] {
  return text === '' ? [] : [[name, text]];
}
