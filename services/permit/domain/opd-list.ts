/** An agency that may apply. */
export interface Opd {
  /** As in certificates and permits, e.g. "DKK". */
  readonly code: string;
  readonly name: string;
}

/** Reads data/opd_kota_padang.csv: its first two columns, of which the name may be in quotes. */
export function parseOpdList(csv: string): Opd[] {
  const rows = csv.matchAll(/^([A-Z][A-Z0-9_]{1,19}),(?:"((?:[^"]|"")*)"|([^,\n]*)),/gm);
  return [...rows].map(([, code = '', quoted, plain = '']) => ({ code, name: quoted?.replaceAll('""', '"') ?? plain }));
}
