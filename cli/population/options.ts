import { wholeNumber } from '../command.ts';
import { MAX_RESIDENTS } from './population.ts';

/** The census of 2020 counted so many in Padang; the size of a full city. */
export const FULL_CITY = 909_040;

/** The options that name a synthetic city. */
export const cityOptions = {
  seed: {
    type: 'string',
    value: 'S',
    help: {
      id: 'Benih: benih yang sama, kota yang sama (bawaan 1)',
      en: 'Seed: the same seed, the same city (default 1)',
    },
  },
  residents: {
    type: 'string',
    value: 'N',
    help: {
      id: `Jumlah penduduk (bawaan ${FULL_CITY}, Sensus 2020)`,
      en: `Number of residents (default ${FULL_CITY}, census of 2020)`,
    },
  },
} as const;

/** The city that the options name. Throws a usage failure for a number out of range. */
export function cityOf(options: { seed?: string; residents?: string }): { seed: number; residents: number } {
  return {
    seed: wholeNumber('seed', options.seed ?? '1', { min: 0, max: Number.MAX_SAFE_INTEGER }),
    residents: wholeNumber('residents', options.residents ?? `${FULL_CITY}`, { min: 1, max: MAX_RESIDENTS }),
  };
}
