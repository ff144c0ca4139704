import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { opdId } from '../../mesh/spiffe.ts';
import { repositoryDir } from './layout.ts';

/** A caller for whom `up` makes a client certificate. */
export interface Caller {
  /** Name of its files in clients/, and on the command line. */
  readonly name: string;
  readonly opd: string;
  readonly unit: string;
  readonly system: string;
}

/** A community health centre: a unit of the health office. */
export interface Puskesmas {
  /** "PKM-<SLUG>", the unit's code. */
  readonly unit: string;
  /** Region code of its kecamatan. */
  readonly kecamatan: string;
}

/** Unit code of an OPD's main office. */
export const mainUnit = 'PUSAT';
/** The health office. */
export const healthOffice = 'DKK';
/** Offices that are no OPD: statute gives them their rights. */
const offices = ['WALIKOTA', 'SECURITY'];
const mainSystem = 'layanan';

/** Codes of the 49 OPD (data/opd_kota_padang.csv). */
export const opdCodes: readonly string[] = rows('opd_kota_padang.csv').map(([code]) => code ?? '');

/** The 23 Puskesmas (data/puskesmas_kota_padang.csv). */
export const puskesmas: readonly Puskesmas[] = rows('puskesmas_kota_padang.csv').map(
  ([, name = '', , kecamatan = '']) => ({
    unit: `PKM-${name
      .replace(/^Puskesmas /, '')
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, '-')}`,
    kecamatan,
  }),
);

/** Everybody who has a client certificate in a development mesh: 49 OPD, 23 Puskesmas, 2 offices. */
export const callers: readonly Caller[] = [
  ...[...opdCodes, ...offices].map((opd) => ({ name: opd, opd, unit: mainUnit, system: mainSystem })),
  ...puskesmas.map(({ unit }) => ({ name: unit, opd: healthOffice, unit, system: 'simpus' })),
];

/** The SPIFFE id of a caller. */
export function callerId(caller: Caller): string {
  return opdId(caller.opd, caller.unit, caller.system);
}

/** Rows of a file in data/ without its head. Columns before the first quoted one are read right, and we need no others. */
function rows(file: string): string[][] {
  const [, ...lines] = readFileSync(join(repositoryDir, 'data', file), 'utf8')
    .trimEnd()
    .split(/\r?\n/);
  return lines.map((line) => line.split(','));
}
