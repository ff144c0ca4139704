import { readFileSync } from 'node:fs';

const table = new URL('../../data/regions_kota_padang.csv', import.meta.url);
const form = /^13\.71(\.\d{2}(\.\d{4})?)?$/;

/** The kelurahan of the city as bits, so that regions of any level can be added and compared. */
export class RegionTable {
  /** How many kelurahan there are; the bits 0 up to this. */
  readonly size: number;
  /** Region code of any level -> its kelurahan. The widest first. */
  readonly #masks = new Map<string, bigint>();

  /** `codes` are all region codes of the city, kelurahan being those of four parts. */
  constructor(codes: readonly string[]) {
    const kelurahan = codes.filter((code) => code.split('.').length === 4);
    this.size = kelurahan.length;
    for (const code of [...codes].sort((one, other) => one.length - other.length)) {
      let mask = 0n;
      for (const [bit, part] of kelurahan.entries()) {
        if (part === code || part.startsWith(`${code}.`)) mask |= 1n << BigInt(bit);
      }
      this.#masks.set(code, mask);
    }
  }

  /** The kelurahan of some regions; a code that is none of the city adds nothing. */
  maskOf(codes: readonly string[]): bigint {
    return codes.reduce((mask, code) => mask | (this.#masks.get(code) ?? 0n), 0n);
  }

  /** Which codes are no region of the city. */
  unknown(codes: readonly string[]): string[] {
    return codes.filter((code) => !this.#masks.has(code));
  }

  /** The same kelurahan in as few codes as possible: a whole kecamatan, or the whole city, by its own. */
  codesOf(mask: bigint): string[] {
    let left = mask;
    const codes: string[] = [];
    for (const [code, part] of this.#masks) {
      if (part === 0n || (left & part) !== part) continue;
      codes.push(code);
      left &= ~part;
    }
    return codes.sort();
  }

  /** How many kecamatan some kelurahan lie in, and how many they are. */
  counts(mask: bigint): { kecamatan: number; kelurahan: number } {
    let [kecamatan, kelurahan] = [0, 0];
    for (const [code, part] of this.#masks) {
      if ((mask & part) === 0n) continue;
      const parts = code.split('.').length;
      if (parts === 3) kecamatan += 1;
      if (parts === 4) kelurahan += 1;
    }
    return { kecamatan, kelurahan };
  }
}

/** The regions of data/regions_kota_padang.csv. Throws when a code is malformed. */
export function readRegionTable(): RegionTable {
  const [, ...lines] = readFileSync(table, 'utf8').trimEnd().split('\n');
  const codes = lines.map((line) => line.slice(0, line.indexOf(',')));
  const malformed = codes.find((code) => !form.test(code));
  if (malformed !== undefined) throw new Error(`data/regions_kota_padang.csv: "${malformed}" is no region code`);
  return new RegionTable(codes);
}
