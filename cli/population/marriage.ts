import { AS_OF, civil, type Day, YEAR } from './calendar.ts';
import type { Random } from './random.ts';
import { Weighted } from './weighted.ts';

const LEAST_AGE_WIFE = Math.ceil(19 * YEAR);
const LEAST_AGE_HUSBAND = Math.ceil(20 * YEAR);
/** Everybody is wed within so many days after both may. */
const WED_WITHIN = Math.round(11 * YEAR);
const LAST_CHILD_AGE = Math.round(44 * YEAR);
const TWINS = 0.011;

/** How many children a woman has, by the year of her birth (assumption: fewer from decade to decade). */
const FAMILY_SIZES = [
  { bornBefore: 1960, sizes: weighted([4, 6, 12, 18, 20, 18, 13, 9]) },
  { bornBefore: 1980, sizes: weighted([5, 9, 23, 29, 19, 9, 6]) },
  { bornBefore: Number.POSITIVE_INFINITY, sizes: weighted([6, 15, 36, 29, 11, 3]) },
];

function weighted(shares: readonly number[]): Weighted<number> {
  return new Weighted(shares.map((share, children) => [children, share]));
}

/** The first day on which two people may marry. */
export function marriageable(husbandBirth: Day, wifeBirth: Day): Day {
  return Math.max(husbandBirth + LEAST_AGE_HUSBAND, wifeBirth + LEAST_AGE_WIFE);
}

/** A wedding day, `before` at the latest. The two must have been marriageable by then. */
export function weddingDay(random: Random, husbandBirth: Day, wifeBirth: Day, before: Day): Day {
  const first = marriageable(husbandBirth, wifeBirth);
  return random.between(first, Math.max(first, Math.min(before, first + WED_WITHIN)));
}

/** Birth days of a couple's children, oldest first, until a day. Twins share theirs. */
export function birthsOf(random: Random, wedding: Day, motherBirth: Day, until: Day): Day[] {
  const { year } = civil(motherBirth);
  const wanted = FAMILY_SIZES.find(({ bornBefore }) => year < bornBefore)?.sizes.pick(random) ?? 0;
  const latest = Math.min(until, motherBirth + LAST_CHILD_AGE, AS_OF - 1);
  const births: Day[] = [];
  let day = wedding + random.between(270, 900);
  while (births.length < wanted && day <= latest) {
    births.push(day);
    if (random.chance(TWINS)) births.push(day);
    day += random.between(500, 1_900);
  }
  return births;
}
