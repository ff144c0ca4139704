import type { ImportRow } from '../../proto/gen/rangkiang/resident/v1/registry.ts';
import { foundCity } from './city.ts';
import { household, soleResident } from './household.ts';
import type { Person } from './person.ts';

/** The version of the synthetic city; raised whenever the same seed gives other rows than before. */
export const CITY_VERSION = 1;

/** Most residents for whom numbers are sure to suffice. */
export const MAX_RESIDENTS = 10_000_000;

/**
 * A synthetic Padang: exactly `residents` rows, household by household, lines numbered from 1. The same seed gives the same
 * city, row for row; memory does not grow with the number of rows. Rows may share their address objects, so change none.
 */
export function* population(seed: number, residents: number): Generator<ImportRow, void, undefined> {
  if (!Number.isInteger(residents) || residents < 1 || residents > MAX_RESIDENTS) {
    throw new RangeError(`residents must be 1 to ${MAX_RESIDENTS}`);
  }
  const city = foundCity(seed);
  let line = 0;
  let whole = true;
  while (line < residents) {
    let members: Person[] = whole ? household(city) : soleResident(city);
    if (members.length > residents - line) {
      // What is left is too small for this household, so people who live alone fill the city.
      whole = false;
      members = soleResident(city);
    }
    for (const { resident, status } of members) {
      line += 1;
      yield { line: BigInt(line), resident, status };
    }
  }
}
