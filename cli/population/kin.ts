import { type Day, YEAR } from './calendar.ts';
import type { Community } from './communities.ts';
import type { Parent, Parents } from './person.ts';
import type { Random } from './random.ts';

/** Couples that are remembered at a time; the older ones are forgotten, so that memory stays bounded. */
const REMEMBERED = 512;
const ATTEMPTS = 4;
/** Least time between two births of one mother. */
const SPACING = Math.round(0.9 * YEAR);

/** A couple with the birth days of the children that the register knows. */
export interface Couple {
  readonly community: Community;
  readonly mother: Parent;
  readonly father: Parent;
  /** When the mother may have had children: from the marriage to her 44th birthday. */
  readonly from: Day;
  readonly to: Day;
  readonly births: Day[];
}

/** Couples of earlier households, for whom grown children who live elsewhere in the city are sought. */
export class Kin {
  readonly #couples: Couple[] = [];
  #next = 0;

  /** Remembers a couple. */
  add(couple: Couple): void {
    this.#couples[this.#next] = couple;
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  /** Parents of whom somebody born on this day may be a child, or none. The birth is then theirs. */
  parentsOf(random: Random, community: Community, birth: Day): Parents | undefined {
    for (let attempt = 0; attempt < ATTEMPTS && this.#couples.length > 0; attempt += 1) {
      const couple = random.choice(this.#couples);
      if (couple.community !== community || birth < couple.from || birth > couple.to) continue;
      if (couple.births.some((other) => Math.abs(other - birth) < SPACING)) continue;
      couple.births.push(birth);
      return couple;
    }
    return undefined;
  }
}
