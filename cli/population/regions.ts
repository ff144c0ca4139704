import { readData } from './csv.ts';
import { Weighted } from './weighted.ts';

/** A kecamatan where somebody was first registered. */
export interface Origin {
  /** Kemendagri code, "13.71.09". */
  readonly code: string;
  /** First six digits of a NIK from there, "137109". */
  readonly nikPrefix: string;
  /** What the register writes as the place of birth. */
  readonly town: string;
  /** Position among all origins, from 0; the cell of number allocation. */
  readonly index: number;
}

/** A kelurahan of Padang with the kecamatan that it lies in. */
export interface Kelurahan {
  /** Kemendagri code, "13.71.09.1006". */
  readonly code: string;
  readonly kecamatan: Origin;
}

/** The regions that a synthetic Padang draws from, weighted by population. */
export interface Regions {
  readonly kelurahan: Weighted<Kelurahan>;
  readonly kecamatan: Weighted<Origin>;
  readonly elsewhere: Weighted<Origin>;
  /** How many origins there are. */
  readonly originCount: number;
}

/** Reads the regions from `data/`: real codes, assumed weights. */
export function readRegions(): Regions {
  const regions = readData('regions_kota_padang.csv', ['code', 'level', 'parent']);
  const origins = new Map<string, Origin>();
  const origin = (code: string, town: string): Origin => {
    const found = { code, nikPrefix: code.replaceAll('.', ''), town, index: origins.size };
    origins.set(code, found);
    return found;
  };
  for (const { level, code } of regions) if (level === 'kecamatan') origin(code, 'PADANG');
  const elsewhere = readData('regions_elsewhere.csv', ['code', 'town', 'weight']).map(
    ({ code, town, weight }) => [origin(code, town), Number(weight)] as const,
  );

  const weights = readData('population_weights.csv', ['code', 'thousand_residents']);
  const residents = new Map(weights.map((row) => [row.code, Number(row.thousand_residents)]));
  const kelurahan = regions
    .filter(({ level }) => level === 'kelurahan')
    .map(({ code, parent }) => {
      const kecamatan = origins.get(parent);
      const weight = residents.get(code);
      if (!kecamatan || !weight) throw new Error(`data/population_weights.csv: nothing for ${code}`);
      return [{ code, kecamatan }, weight] as const;
    });
  return {
    kelurahan: new Weighted(kelurahan),
    kecamatan: new Weighted(kelurahan.map(([place, weight]) => [place.kecamatan, weight])),
    elsewhere: new Weighted(elsewhere),
    originCount: origins.size,
  };
}
