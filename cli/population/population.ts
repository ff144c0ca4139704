import type { ImportRow } from '../../proto/gen/rangkiang/resident/v1/registry.ts';
import { type City, foundCity } from './city.ts';
import { household, soleResident } from './household.ts';
import type { Person } from './person.ts';

/** The version of the synthetic city; raised whenever the same seed gives other rows than before. */
export const CITY_VERSION = 1;

/** Most residents for whom numbers are sure to suffice. */
export const MAX_RESIDENTS = 10_000_000;

/** The people of a city, household by household, as many as asked for. */
function* people(city: City, residents: number): Generator<Person, void, undefined> {
  let left = residents;
  for (let members = household(city); members.length <= left; members = household(city)) {
    yield* members;
    left -= members.length;
  }
  // What is left is too small for the next household, so people who live alone fill the city.
  for (; left > 0; left -= 1) yield soleResident(city);
}

/**
 * A synthetic Padang: exactly `residents` rows, household by household, lines numbered from 1. The same seed gives the same
 * city, row for row; memory does not grow with the number of rows. Rows may share their address objects, so change none.
 */
export function* population(seed: number, residents: number): Generator<ImportRow, void, undefined> {
  if (!Number.isInteger(residents) || residents < 1 || residents > MAX_RESIDENTS) {
    throw new RangeError(`residents must be 1 to ${MAX_RESIDENTS}`);
  }
  let line = 0n;
  for (const { resident, status } of people(foundCity(seed), residents)) {
    line += 1n;
    yield { line, resident, status };
  }
}
