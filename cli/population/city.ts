import { AS_OF, civil, YEAR } from './calendar.ts';
import { COMMUNITIES } from './communities.ts';
import { Kin } from './kin.ts';
import { Names } from './names.ts';
import { NumberRegister } from './numbers.ts';
import type { Home } from './person.ts';
import { Places } from './places.ts';
import { Random } from './random.ts';
import { type Regions, readRegions } from './regions.ts';

/** Share of households that moved to where they live, and how many of them came from outside Padang. */
const MOVED = 0.36;
const FROM_OUTSIDE = 0.42;
/** Family cards were issued within so many days before AS_OF. */
const CARD_AGE = Math.round(18 * YEAR);

/** Everything that the city's households are drawn from: chance, numbers not yet given, names and places. */
export interface City {
  readonly random: Random;
  readonly regions: Regions;
  readonly numbers: NumberRegister;
  readonly names: Names;
  readonly places: Places;
  readonly kin: Kin;
}

/** An empty city; everything that follows depends on the seed alone. */
export function foundCity(seed: number): City {
  const regions = readRegions();
  return {
    random: new Random(seed),
    regions,
    numbers: new NumberRegister(regions.originCount),
    names: new Names(),
    places: new Places(),
    kin: new Kin(),
  };
}

/**
 * Where and as what a household lives: kelurahan by population, address, family card, and a community and religion
 * if those of `people` are not given.
 */
export function settle(
  { random, regions, numbers, places }: City,
  people?: Pick<Home, 'community' | 'religion'>,
): Home {
  const kelurahan = regions.kelurahan.pick(random);
  const community = people?.community ?? COMMUNITIES.pick(random);
  return {
    familyCard: numbers.familyCard(kelurahan.kecamatan, civil(AS_OF - random.between(1, CARD_AGE))),
    community,
    religion: people?.religion ?? community.religions.pick(random),
    kecamatan: kelurahan.kecamatan,
    address: places.address(random, kelurahan.code),
    arrival: random.chance(MOVED) ? arrival() : undefined,
  };

  function arrival(): NonNullable<Home['arrival']> {
    const day = AS_OF - random.between(60, Math.round(25 * YEAR));
    if (random.chance(FROM_OUTSIDE)) {
      const origin = regions.elsewhere.pick(random);
      return { day, origin, address: places.address(random, origin.code) };
    }
    const from = regions.kelurahan.pick(random);
    return { day, origin: from.kecamatan, address: places.address(random, from.code) };
  }
}
