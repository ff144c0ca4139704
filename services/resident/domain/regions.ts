/** A region of data/regions_kota_padang.csv. */
interface Region {
  /** Kemendagri code with points: kota "13.71", kecamatan "13.71.01" or kelurahan "13.71.01.1001". */
  readonly code: string;
  readonly name: string;
}

/** Digits of a kelurahan's code without points. */
const KELURAHAN_DIGITS = 10;
/** A kelurahan's number divided by this is its kecamatan's number. */
const KELURAHAN_PER_KECAMATAN = 10_000;

/** The regions of the city: their names, and the numbers under which kelurahan are stored ("13.71.01.1001" is 1371011001). */
export class Regions {
  readonly #names: ReadonlyMap<string, string>;
  /** Numbers of all kelurahan, ascending. */
  readonly #kelurahan: ReadonlyMap<number, string>;

  constructor(regions: readonly Region[]) {
    this.#names = new Map(regions.map(({ code, name }) => [code, name]));
    const codes = regions.map(({ code }) => code).filter((code) => digits(code).length === KELURAHAN_DIGITS);
    this.#kelurahan = new Map(codes.sort().map((code) => [Number(digits(code)), code]));
  }

  /** Reads the file: its first three columns are code, level and name, none of them quoted. */
  static parse(csv: string): Regions {
    const rows = csv.matchAll(/^([0-9.]+),[a-z]+,([^,"\n]+),/gm);
    return new Regions([...rows].map(([, code = '', name = '']) => ({ code, name })));
  }

  /** The name of a region of the city; empty for any other code. */
  nameOf(code: string): string {
    return this.#names.get(code) ?? '';
  }

  /** The number of a kelurahan of the city; undefined for any other code. */
  numberOf(code: string): number | undefined {
    const number = Number(digits(code));
    return this.#kelurahan.get(number) === code ? number : undefined;
  }

  /** The numbers of all kelurahan inside the given regions, each once. */
  kelurahanIn(regions: readonly string[]): number[] {
    return [...this.#kelurahan].filter(([, code]) => isInside(code, regions)).map(([number]) => number);
  }
}

/** Whether a region is one of the given ones or lies inside one: a region contains those whose code it begins. */
export function isInside(code: string, regions: readonly string[]): boolean {
  return regions.some((region) => code === region || code.startsWith(`${region}.`));
}

/** The code of a kelurahan or kecamatan from its number: 1371011001 is "13.71.01.1001", 137101 is "13.71.01". */
export function codeOf(number: number): string {
  const text = String(number);
  const kecamatan = `${text.slice(0, 2)}.${text.slice(2, 4)}.${text.slice(4, 6)}`;
  return text.length === KELURAHAN_DIGITS ? `${kecamatan}.${text.slice(6)}` : kecamatan;
}

/** The number of the kecamatan that a kelurahan lies in. */
export function kecamatanOf(kelurahan: number): number {
  return Math.floor(kelurahan / KELURAHAN_PER_KECAMATAN);
}

/**
 * The kelurahan inside the given regions as a Postgres int4multirange: "{[1371010000,1371020000)}" for ["13.71.01"]. No
 * regions give "{}", which contains nothing. Throws RangeError for a text that is no code of a region, rather than widen.
 */
export function multirangeOf(regions: readonly string[]): string {
  const ranges = regions.map((region) => {
    if (!/^\d\d\.\d\d(\.\d\d(\.\d{4})?)?$/.test(region)) throw new RangeError('not a region code');
    const prefix = digits(region);
    const size = 10 ** (KELURAHAN_DIGITS - prefix.length);
    const first = Number(prefix) * size;
    return `[${first},${first + size})`;
  });
  return `{${ranges.join(',')}}`;
}

function digits(code: string): string {
  return code.replaceAll('.', '');
}
