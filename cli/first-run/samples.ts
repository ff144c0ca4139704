import { BasicStatus, type ImportRow } from '../../proto/gen/rangkiang/resident/v1/registry.ts';

/** Residents to try the demonstration permits with; absent where a small city has none. */
export interface Samples {
  /** NIK of an adult by the kecamatan where he or she lives. */
  readonly adults: ReadonlyMap<string, string>;
  /** NIK of somebody under 18. */
  readonly child: string | undefined;
}

/** How many kecamatan Padang has. */
const kecamatanCount = 11;
/** Ages in full years at which a person is beyond doubt a child or an adult, whatever the day of the year. */
const adultAges = { from: 25, to: 60 };
const childAges = { from: 3, to: 14 };

/** Finds samples among the first rows of a city, reading no further than it must. `year` is today's. */
export function findSamples(rows: Iterable<ImportRow>, year: number): Samples {
  const adults = new Map<string, string>();
  let child: string | undefined;
  for (const { resident, status } of rows) {
    const kecamatan = resident?.alamatSekarang?.kelurahan.split('.').slice(0, 3).join('.');
    const nik = resident?.nik;
    const age = year - (resident?.tanggalLahir?.year ?? 0);
    if (status !== BasicStatus.HIDUP || nik === undefined || kecamatan === undefined) continue;
    if (age >= adultAges.from && age <= adultAges.to && !adults.has(kecamatan)) adults.set(kecamatan, nik);
    if (age >= childAges.from && age <= childAges.to) child ??= nik;
    if (adults.size === kecamatanCount && child !== undefined) break;
  }
  return { adults, child };
}
