import {
  type AccessChange,
  Ages,
  type ReplayedUse,
  type SimulateResponse,
} from '../../proto/gen/rangkiang/broker/v1/simulation.ts';
import type { Izin } from '../../proto/gen/rangkiang/permit/v1/izin.ts';
import type { Locale, Text } from '../language.ts';
import { elementWords, inColumns, methodWords, moment, regionLines } from './names.ts';
import { termsTable } from './terms-table.ts';

const texts = {
  title: { id: 'Rancangan izin', en: 'Draft of permit' },
  for: { id: 'untuk', en: 'for' },
  compared: {
    id: 'Hanya dihitung, tidak ada yang berubah. Dibandingkan dengan kebijakan versi',
    en: 'Only computed; nothing changes. Compared with policy version',
  },
  asOf: { id: 'keadaan', en: 'as of' },
  gains: { id: 'YANG AKAN DIIZINKAN', en: 'NEWLY ALLOWED' },
  losses: { id: 'YANG TIDAK LAGI DIIZINKAN', en: 'NO LONGER ALLOWED' },
  nothing: { id: 'tidak ada', en: 'nothing' },
  purpose: { id: 'tujuan', en: 'for' },
  notBefore: { id: 'sebelumnya tidak boleh sama sekali', en: 'not at all before' },
  notAfter: { id: 'sesudahnya tidak boleh sama sekali', en: 'not at all afterwards' },
  wider: { id: 'lebih luas dari sekarang', en: 'wider than now' },
  narrower: { id: 'lebih sempit dari sekarang', en: 'narrower than now' },
  elements: { id: 'elemen', en: 'elements' },
  ages: { id: 'penduduk', en: 'residents' },
  overlaps: { id: 'TUMPANG TINDIH', en: 'OVERLAPS' },
  overlapNote: {
    id: 'Panggilan yang tidak menyebut izin memakai izin yang lebih lama. Minta OPD menyebut izin baru, atau cabut yang lama.',
    en: 'A call that names no permit uses the older one. Let the OPD name the new permit, or revoke the old one.',
  },
  terms: { id: 'SYARAT BERDAMPINGAN', en: 'TERMS SIDE BY SIDE' },
  draft: { id: 'rancangan', en: 'draft' },
  unknown: {
    id: 'PERIKSA: bukan kode wilayah Kota Padang, tidak memberi apa pun:',
    en: 'CHECK: no region of Padang, grants nothing:',
  },
  over: {
    id: 'PERIKSA: masa berlakunya sudah lewat, jadi izin ini tidak mengubah apa pun.',
    en: 'CHECK: its validity is over, so it changes nothing.',
  },
  use: { id: 'PANGGILAN YANG TERCATAT SEJAK', en: 'CALLS ON RECORD SINCE' },
  cutShort: {
    id: 'catatan terlalu banyak; lebih lama tidak dihitung',
    en: 'too many records; older ones were not counted',
  },
  unused: { id: 'izin yang tidak dipakai', en: 'permits not used' },
} as const satisfies Record<string, Text>;

const ageWords: Readonly<Record<number, Text>> = {
  [Ages.ALL]: { id: 'semua umur', en: 'of all ages' },
  [Ages.ADULTS]: { id: '18 tahun ke atas', en: 'of 18 and older' },
  [Ages.CHILDREN]: { id: 'di bawah 18 tahun', en: 'under 18' },
};

/** The impact of a draft as a report to read before signing. */
export function impactReport(draft: Izin, answer: SimulateResponse, locale: Locale): string {
  const { gains, losses, overlaps, unknownRegions, use } = answer;
  const say = (name: keyof typeof texts) => texts[name][locale];
  const [ofDraft, ...others] = answer.terms;
  const columns = [
    ...(ofDraft ? [[say('draft'), ofDraft] as const] : []),
    ...others.map((terms) => [terms.number, terms] as const),
  ];
  return [
    `${say('title')} ${draft.number} ${say('for')} ${draft.opd}`,
    `${say('compared')} ${answer.policyVersion}, ${say('asOf')} ${moment(answer.comparedAt)}.`,
    ...(unknownRegions.length > 0 ? [`${say('unknown')} ${unknownRegions.join(', ')}`] : []),
    ...(isOver(draft, answer) ? [say('over')] : []),
    '',
    say('gains'),
    ...changeLines(gains, say('notBefore'), say('wider'), locale),
    '',
    say('losses'),
    ...changeLines(losses, say('notAfter'), say('narrower'), locale),
    '',
    say('overlaps'),
    ...(overlaps.length === 0 ? [`  ${say('nothing')}`] : []),
    ...overlaps.map(({ number, units, methods }) => `  ${number}: ${units.join(', ')}; ${methodWords(methods)}`),
    ...(overlaps.length === 0 ? [] : [`  ${say('overlapNote')}`]),
    '',
    say('terms'),
    ...termsTable(columns, locale),
    ...(use ? ['', `${say('use')} ${moment(use.since)}`, ...useLines(use, locale)] : []),
  ].join('\n');
}

function isOver({ validUntil }: Izin, { comparedAt }: SimulateResponse): boolean {
  return validUntil !== undefined && comparedAt !== undefined && validUntil <= comparedAt;
}

/** Changes that differ in unit and place only stand under one head. */
function changeLines(changes: readonly AccessChange[], whole: string, part: string, locale: Locale): string[] {
  if (changes.length === 0) return [`  ${texts.nothing[locale]}`];
  const groups = Map.groupBy(changes, (change) => {
    const { methods, purpose, elements, ages } = change;
    return JSON.stringify([methods, purpose, change.whole, elements, ages]);
  });
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { methods, purpose, elements, ages } = first;
    return [
      `  ${methodWords(methods)}, ${texts.purpose[locale]} ${purpose} (${first.whole ? whole : part})`,
      `    ${texts.elements[locale]}: ${elementWords(elements, locale) || texts.nothing[locale]}`,
      ...(ageWords[ages] ? [`    ${texts.ages[locale]} ${ageWords[ages][locale]}`] : []),
      ...inColumns(group.flatMap(placeRows), 6),
    ];
  });
}

/** A unit, how far it reaches, and where; a long list of regions goes on below. */
function placeRows({ unit, regions, kecamatanCount, kelurahanCount }: AccessChange): string[][] {
  const reach = `${kecamatanCount} kecamatan, ${kelurahanCount} kelurahan`;
  const [first = '', ...more] = regionLines(regions);
  return [[unit, reach, first], ...more.map((line) => ['', '', line])];
}

function useLines(
  { answered, answeredNowDenied, denied, deniedNowAllowed, unused, cutShort }: ReplayedUse,
  locale: Locale,
) {
  const words = {
    id: [
      `  ${denied} panggilan ditolak; ${deniedNowAllowed} di antaranya akan diizinkan`,
      `  ${answered} panggilan dijawab; ${answeredNowDenied} di antaranya akan ditolak`,
    ],
    en: [
      `  ${denied} calls were refused; ${deniedNowAllowed} of them would be allowed`,
      `  ${answered} calls were answered; ${answeredNowDenied} of them would be refused`,
    ],
  };
  return [
    ...words[locale],
    `  ${texts.unused[locale]}: ${unused.map(({ number }) => number).join(', ') || texts.nothing[locale]}`,
    ...(cutShort ? [`  ${texts.cutShort[locale]}`] : []),
  ];
}
