import { BasicStatus } from '../../proto/gen/rangkiang/resident/v1/registry.ts';
import { AS_OF, ageOf, type Day, YEAR } from './calendar.ts';
import { divorceDeed, marriageDeed } from './certificates.ts';
import type { City } from './city.ts';
import { birthsOf, marriageable, weddingDay } from './marriage.ts';
import { absentParents, createPerson, type Home, Marital, type Parents, type Person, Relation } from './person.ts';

/** Share of births that are girls: a little under half, as everywhere. */
export const GIRLS = 0.494;
const LAST_WEDDING: Day = AS_OF - 30;
/** Share of children who still live with their parents, by age up to and including. */
const AT_HOME = [
  [17, 1],
  [22, 0.84],
  [26, 0.66],
  [30, 0.44],
  [36, 0.24],
  [200, 0.09],
] as const;
/** Share of grown children at home who have a husband or wife there: mostly daughters, as the custom is. */
const MARRIED_AT_HOME = { daughter: 0.22, son: 0.09 };
const DIVORCED_AT_HOME = 0.05;
const ELDEST = 96;

/** One of the two in a marriage before it is drawn. */
interface Spouse {
  readonly birth: Day;
  readonly relation: number;
  readonly parents: Parents;
}

/** Draws husband and wife with the same wedding day and certificate. */
export function wed(city: City, home: Home, husband: Spouse, wife: Spouse, before: Day = LAST_WEDDING) {
  const wedding = weddingDay(city.random, husband.birth, wife.birth, before);
  const union = { status: Marital.MARRIED, marriage: marriageDeed(city.random, wedding, home.religion) };
  return {
    husband: createPerson(city, home, { ...husband, female: false, union }),
    wife: createPerson(city, home, { ...wife, female: true, union }),
    wedding,
  };
}

function livesAtHome(city: City, birth: Day): boolean {
  const age = ageOf(birth);
  return city.random.chance(AT_HOME.find(([upToAge]) => age <= upToAge)?.[1] ?? 0);
}

/** Birth days of the children of a marriage who still live with their parents. */
export function birthsAtHome(city: City, wedding: Day, motherBirth: Day, until: Day): Day[] {
  return birthsOf(city.random, wedding, motherBirth, until).filter((birth) => livesAtHome(city, birth));
}

/** A child with whoever came to the household because of it: wife or husband, and their children. */
export function childAtHome(city: City, home: Home, parents: Parents, birth: Day): Person[] {
  const { random } = city;
  const female = random.chance(GIRLS);
  const age = ageOf(birth);
  if (age >= 21 && random.chance(female ? MARRIED_AT_HOME.daughter : MARRIED_AT_HOME.son)) {
    const own: Spouse = { birth, relation: Relation.CHILD, parents };
    const spouseBirth =
      birth + Math.round((female ? -1 : 1) * random.between(-1, 6) * YEAR) + random.between(-180, 180);
    const spouse: Spouse = {
      birth: spouseBirth,
      relation: Relation.CHILD_IN_LAW,
      parents: absentParents(city, home, spouseBirth),
    };
    const [husband, wife] = female ? [spouse, own] : [own, spouse];
    if (marriageable(husband.birth, wife.birth) <= LAST_WEDDING) {
      const couple = wed(city, home, husband, wife);
      const grandparents = { mother: couple.wife, father: couple.husband };
      const grandchildren = birthsOf(random, couple.wedding, wife.birth, AS_OF)
        .filter((day) => ageOf(day) < 18)
        .map((day) =>
          createPerson(city, home, {
            female: random.chance(GIRLS),
            birth: day,
            relation: Relation.GRANDCHILD,
            parents: grandparents,
          }),
        );
      const [child, inLaw] = female ? [couple.wife, couple.husband] : [couple.husband, couple.wife];
      return [child, inLaw, ...grandchildren];
    }
  }
  const divorced = age >= 26 && random.chance(DIVORCED_AT_HOME);
  const union = divorced ? endedUnion(city, home, birth + Math.round(22 * YEAR), AS_OF, Marital.DIVORCED) : undefined;
  return [createPerson(city, home, { female, birth, relation: Relation.CHILD, parents, union })];
}

/** A marriage from a day on that is over, and the day of its end, `until` at the latest. */
export function endedUnion(city: City, home: Home, wedding: Day, until: Day, status: 3 | 4) {
  const { random } = city;
  const ended = random.between(Math.min(wedding + 365, until - 30), until - 30);
  return {
    status,
    ended,
    marriage: marriageDeed(random, wedding, home.religion),
    divorce: status === Marital.DIVORCED ? divorceDeed(random, ended, home.religion) : undefined,
  };
}

/** A parent or both of head or spouse who live in the household, with the parents that the child then has. */
export function elders(city: City, home: Home, childBirth: Day, relation: number): [Parents, Person[]] {
  const { random } = city;
  const absent = absentParents(city, home, childBirth);
  const motherBirth = childBirth - random.between(Math.ceil(21 * YEAR), Math.round(36 * YEAR));
  const fatherBirth = motherBirth - random.between(0, Math.round(8 * YEAR));
  if (ageOf(fatherBirth) > ELDEST) return [absent, []];
  const sketch = (birth: Day): Spouse => ({ birth, relation, parents: absentParents(city, home, birth) });
  const before = childBirth - 270;
  if (random.chance(0.2)) {
    const { husband, wife } = wed(city, home, sketch(fatherBirth), sketch(motherBirth), before);
    return [{ mother: wife, father: husband }, [husband, wife]];
  }
  const female = random.chance(0.85);
  const birth = female ? motherBirth : fatherBirth;
  const union = {
    status: Marital.WIDOWED,
    marriage: marriageDeed(random, weddingDay(random, fatherBirth, motherBirth, before), home.religion),
  };
  const status = random.chance(ageOf(birth) > 75 ? 0.34 : 0.18) ? BasicStatus.MATI : BasicStatus.HIDUP;
  const elder = createPerson(city, home, { ...sketch(birth), female, union, status });
  return [female ? { ...absent, mother: elder } : { ...absent, father: elder }, [elder]];
}
