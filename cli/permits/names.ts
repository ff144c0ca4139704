import { JAKARTA_OFFSET_MS } from '../../mesh/jakarta.ts';
import { Element } from '../../proto/gen/rangkiang/type/v1/element.ts';
import { enumName } from '../enum-name.ts';
import type { Locale } from '../language.ts';
import { readData } from '../population/csv.ts';

const levels: Readonly<Record<string, string>> = { kota: '', kecamatan: 'Kec. ', kelurahan: 'Kel. ' };

const regionNames: ReadonlyMap<string, string> = new Map(
  readData('regions_kota_padang.csv', ['code', 'level', 'name']).map(({ code, level, name }) => [
    code,
    `${levels[level] ?? ''}${name}`,
  ]),
);

const elementLabels: ReadonlyMap<string, string> = new Map(
  readData('data_elements.csv', ['field', 'label_id']).map(({ field, label_id }) => [field.toUpperCase(), label_id]),
);

/** Regions as they are called, "Kec. Pauh, Kel. Lubuk Buaya"; a code that is none of the city stays as it is. */
export function regionWords(codes: readonly string[]): string {
  return codes.map((code) => regionNames.get(code) ?? code).join(', ');
}

const REGIONS_IN_A_LINE = 4;

/** The same in lines that a terminal does not break. */
export function regionLines(codes: readonly string[]): string[] {
  const lines = Math.ceil(codes.length / REGIONS_IN_A_LINE);
  return Array.from({ length: lines }, (_, at) =>
    regionWords(codes.slice(at * REGIONS_IN_A_LINE, (at + 1) * REGIONS_IN_A_LINE)),
  );
}

/** Elements as the law calls them, in Indonesian; in English their names in the contract, which are the same words. */
export function elementWords(elements: readonly Element[], locale: Locale): string {
  const names = elements.map((element) => enumName(Element, element));
  return names.map((name) => (locale === 'id' ? (elementLabels.get(name) ?? name) : name)).join(', ');
}

/** Methods by their short names. */
export function methodWords(methods: readonly string[]): string {
  return methods.map((method) => method.split('/').at(-1)).join(', ');
}

/** A moment as it stands on clocks in Padang, "2026-06-01 00:00 WIB". */
export function moment(date: Date | undefined): string {
  if (!date) return '-';
  return `${new Date(date.getTime() + JAKARTA_OFFSET_MS).toISOString().slice(0, 16).replace('T', ' ')} WIB`;
}

/** Rows of cells in columns that are as wide as their widest cell, indented by `indent` spaces. */
export function inColumns(rows: readonly (readonly string[])[], indent: number): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, at) => cell.padEnd(widths[at] ?? 0));
    return `${' '.repeat(indent)}${cells.join('  ')}`.trimEnd();
  });
}
