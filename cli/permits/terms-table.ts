import { hoursText } from '../../mesh/hours-text.ts';
import type { PermitTerms } from '../../proto/gen/rangkiang/broker/v1/effective.ts';
import type { Locale, Text } from '../language.ts';
import { inColumns, moment } from './names.ts';

const yes: Text = { id: 'ya', en: 'yes' };
const no: Text = { id: 'tidak', en: 'no' };

type Cell = (terms: PermitTerms, locale: Locale) => string;
const flag =
  (read: (terms: PermitTerms) => boolean): Cell =>
  (terms, locale) =>
    (read(terms) ? yes : no)[locale];
const number =
  (read: (terms: PermitTerms) => number): Cell =>
  (terms, locale) =>
    read(terms).toLocaleString(locale);
const text =
  (read: (terms: PermitTerms) => string): Cell =>
  (terms) =>
    read(terms) || '-';

const lines: readonly (readonly [Text, Cell])[] = [
  [{ id: 'berlaku sejak', en: 'valid from' }, ({ validFrom }) => moment(validFrom)],
  [{ id: 'berlaku sampai', en: 'valid until' }, ({ validUntil }) => moment(validUntil)],
  [{ id: 'jam pakai', en: 'hours' }, ({ hours }, locale) => hoursText(hours, locale)],
  [{ id: 'dasar hukum', en: 'legal basis' }, text(({ legalBasis }) => legalBasis)],
  [{ id: 'rincian tujuan', en: 'sub-purpose' }, text(({ subPurpose }) => subPurpose)],
  [{ id: 'baris per hari', en: 'rows a day' }, number(({ quotaPerDay }) => quotaPerDay)],
  [{ id: 'panggilan per menit', en: 'calls a minute' }, number(({ quotaPerMinute }) => quotaPerMinute)],
  [{ id: 'baris per jawaban', en: 'rows in an answer' }, number(({ rowCap }) => rowCap)],
  [{ id: 'hitungan terkecil', en: 'smallest count' }, number(({ minimumCell }) => minimumCell)],
  [{ id: 'penduduk di bawah 18', en: 'residents under 18' }, flag(({ children }) => children)],
  [{ id: 'elemen cacat', en: 'disability' }, flag(({ disability }) => disability)],
  [{ id: 'wajib operator', en: 'operator required' }, flag(({ operatorRequired }) => operatorRequired)],
  [{ id: 'wajib nomor kasus', en: 'case number required' }, flag(({ caseNumberRequired }) => caseNumberRequired)],
];

/** The terms of permits side by side, one column each below its heading. */
export function termsTable(
  permits: readonly (readonly [heading: string, terms: PermitTerms])[],
  locale: Locale,
): string[] {
  const head = ['', ...permits.map(([heading]) => heading)];
  const rows = lines.map(([name, cell]) => [name[locale], ...permits.map(([, terms]) => cell(terms, locale))]);
  return inColumns([head, ...rows], 2);
}
