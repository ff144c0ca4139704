import { readFileSync } from 'node:fs';

const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;

/**
 * Rows of a file in `data/` as objects by the names of its first line. Quoted cells may hold commas and quotes. Throws
 * when the file is not CSV or has no column of a name in `columns`.
 */
export function readData<C extends string>(file: string, columns: readonly C[]): Record<C, string>[] {
  const text = readFileSync(new URL(`../../data/${file}`, import.meta.url), 'utf8');
  const rows: string[][] = [];
  let row: string[] = [];
  cell.lastIndex = 0;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (!match) throw new Error(`data/${file}: not CSV at character ${at}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] !== ',') {
      rows.push(row);
      row = [];
    }
  }
  const [names = [], ...records] = rows;
  const missing = columns.find((column) => !names.includes(column));
  if (missing) throw new Error(`data/${file}: no column ${missing}`);
  const positions = columns.map((column) => [column, names.indexOf(column)] as const);
  return records.map(
    (record) => Object.fromEntries(positions.map(([column, at]) => [column, record[at] ?? ''])) as Record<C, string>,
  );
}
