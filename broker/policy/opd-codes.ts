import { readFileSync } from 'node:fs';

const registry = new URL('../../data/opd_kota_padang.csv', import.meta.url);

/** The codes of the registered OPD: the first column of data/opd_kota_padang.csv. Throws when one is malformed. */
export function readOpdCodes(): ReadonlySet<string> {
  const [, ...lines] = readFileSync(registry, 'utf8').trimEnd().split('\n');
  const codes = lines.map((line) => line.slice(0, line.indexOf(',')));
  const malformed = codes.find((code) => !/^[A-Z][A-Z0-9_]{1,19}$/.test(code));
  if (malformed !== undefined) throw new Error(`data/opd_kota_padang.csv: "${malformed}" is no OPD code`);
  return new Set(codes);
}
