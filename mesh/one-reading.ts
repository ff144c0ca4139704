/**
 * Whether every reader of this JSON (its bytes beside its text) sees the same: it is UTF-8, and no object holds a name
 * twice, of which JSON.parse keeps the last and others the first. We compare the names in the text with those that were
 * kept. `name` is what a name may be, as it is written; escapes are two ways to write one name. Throws SyntaxError when
 * the text is no JSON.
 */
export function hasOneReading(text: string, bytes: Buffer, name: RegExp): boolean {
  if (!Buffer.from(text).equals(bytes)) return false;
  const strings = [...text.matchAll(/"((?:[^"\\]|\\.)*)"(\s*:)?/g)];
  const names = strings.filter(([, , colon]) => colon).map(([, written = '']) => written);
  return names.every((written) => name.test(written)) && names.length === countNames(JSON.parse(text));
}

function countNames(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, part) => sum + countNames(part), own);
}
