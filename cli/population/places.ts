import type { Address } from '../../proto/gen/rangkiang/resident/v1/resident.ts';
import { readData } from './csv.ts';
import type { Random } from './random.ts';

const BLOCKS = [...'ABCDEFGHJK'];

/** Makes addresses out of the street names of `data/streets.csv`. */
export class Places {
  readonly #streets: readonly string[];
  readonly #estates: readonly string[];

  constructor() {
    const lists = new Map(
      readData('streets.csv', ['kind', 'names']).map(({ kind, names }) => [kind, names.split(';')]),
    );
    this.#streets = lists.get('JALAN') ?? [];
    this.#estates = lists.get('KOMPLEK') ?? [];
  }

  /** An address in a region by its Kemendagri code. One in three lies in a housing estate. */
  address(random: Random, region: string): Address {
    const estate = random.chance(0.33);
    return {
      jalan: estate
        ? `KOMPLEK ${random.choice(this.#estates)} BLOK ${random.choice(BLOCKS)} NO. ${random.between(1, 30)}`
        : `JL. ${random.choice(this.#streets)} NO. ${random.between(1, 180)}`,
      rt: `00${random.between(1, 6)}`,
      rw: `${random.between(1, 18)}`.padStart(3, '0'),
      kelurahan: region,
      namaKelurahan: '',
    };
  }
}
