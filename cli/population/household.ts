import { BasicStatus } from '../../proto/gen/rangkiang/resident/v1/registry.ts';
import { AS_OF, ageOf, civil, type Day, YEAR } from './calendar.ts';
import { type City, settle } from './city.ts';
import { doublesOf } from './doubles.ts';
import { birthsAtHome, childAtHome, elders, endedUnion, GIRLS, wed } from './family.ts';
import { weddingDay } from './marriage.ts';
import { absentParents, createPerson, type Home, Marital, type Parents, type Person, Relation } from './person.ts';
import type { Random } from './random.ts';
import { Weighted } from './weighted.ts';

/** Code of the list pekerjaan. */
const HOUSE_SERVANT = 23;

/** Ages of men at the head of a couple, by groups of five years: what makes the city's pyramid (assumption). */
const HUSBAND_AGES = agesFrom(20, [2.2, 9.2, 13.2, 13.6, 13, 11.8, 10.6, 9, 7.2, 5.2, 2.8, 1.4, 0.6]);
const LONE_PARENT_AGES = agesFrom(25, [2, 4, 6, 8, 10, 12, 13, 13, 12, 9, 6, 3, 1]);
const LIVING_ALONE_AGES = agesFrom(18, [22, 26, 16, 9, 6, 4, 3, 3, 3, 2, 2, 2, 1]);

/** Chances per household or person (assumptions). */
const CHANCE = {
  parentsOfHead: 0.03,
  parentsOfSpouse: 0.055,
  relative: 0.055,
  servant: 0.006,
  boarder: 0.004,
  wifeIsHead: 0.006,
  householdMoved: 0.018,
  grownChildMoved: 0.05,
  missing: 0.0003,
  lateSpouseOnRecord: 0.5,
  died: 0.003,
};

function agesFrom(youngest: number, shares: readonly number[]): Weighted<number> {
  return new Weighted(shares.map((share, group) => [youngest + 5 * group, share]));
}

/** A birth day for an age within the five years from `age`. */
function birthDay(random: Random, age: number): Day {
  return AS_OF - random.between(Math.ceil(age * YEAR), Math.floor((age + 5) * YEAR) - 1);
}

/** A wife is 3 years older to 10 years younger than her husband, but of an age to be married. */
function wifeBirthDay(random: Random, husbandBirth: Day): Day {
  const birth = husbandBirth + random.around(Math.round(-3 * YEAR), Math.round(10 * YEAR));
  return ageOf(birth) < 20 ? birthDay(random, 20) : birth;
}

/** Parents of somebody grown, not those of the spouse: known to the register if an earlier couple fits. */
function parentsOf(city: City, home: Home, birth: Day, ofSpouse?: Parents): Parents {
  const known = city.kin.parentsOf(city.random, home.community, birth);
  return known && known !== ofSpouse ? known : absentParents(city, home, birth);
}

function couple(city: City, home: Home): Person[] {
  const { random } = city;
  const husbandBirth = birthDay(random, HUSBAND_AGES.pick(random));
  const wifeBirth = wifeBirthDay(random, husbandBirth);
  const [husbandParents, hisElders] = random.chance(CHANCE.parentsOfHead)
    ? elders(city, home, husbandBirth, Relation.PARENT)
    : [parentsOf(city, home, husbandBirth), []];
  const [wifeParents, herElders] = random.chance(CHANCE.parentsOfSpouse)
    ? elders(city, home, wifeBirth, Relation.PARENT_IN_LAW)
    : [parentsOf(city, home, wifeBirth, husbandParents), []];
  const headed = hisElders.length + herElders.length === 0 && random.chance(CHANCE.wifeIsHead);
  const { husband, wife, wedding } = wed(
    city,
    home,
    { birth: husbandBirth, relation: headed ? Relation.HUSBAND : Relation.HEAD, parents: husbandParents },
    { birth: wifeBirth, relation: headed ? Relation.HEAD : Relation.WIFE, parents: wifeParents },
  );
  const parents = { mother: wife, father: husband };
  const births = birthsAtHome(city, wedding, wifeBirth, AS_OF);
  city.kin.add({
    ...parents,
    community: home.community,
    from: wedding + 270,
    to: wifeBirth + Math.round(44 * YEAR),
    births: [...births],
  });
  return [
    ...(headed ? [wife, husband] : [husband, wife]),
    ...births.flatMap((birth) => childAtHome(city, home, parents, birth)),
    ...hisElders,
    ...herElders,
  ];
}

/** A widow, widower or divorced parent with the children; a late spouse may still be on record. */
function loneParent(female: boolean): (city: City, home: Home) => Person[] {
  return (city, home) => {
    const { random } = city;
    const birth = birthDay(random, LONE_PARENT_AGES.pick(random));
    const otherBirth = birth - (female ? 1 : -1) * random.between(0, Math.round(5 * YEAR));
    const [husbandBirth, wifeBirth] = female ? [otherBirth, birth] : [birth, otherBirth];
    const wedding = weddingDay(random, husbandBirth, wifeBirth, AS_OF - Math.round(2 * YEAR));
    const widowed = random.chance(ageOf(birth) >= 50 ? 0.88 : 0.42);
    const union = endedUnion(city, home, wedding, AS_OF, widowed ? Marital.WIDOWED : Marital.DIVORCED);
    const head = createPerson(city, home, {
      female,
      birth,
      relation: Relation.HEAD,
      parents: parentsOf(city, home, birth),
      union,
    });
    const lateSpouse =
      widowed && random.chance(CHANCE.lateSpouseOnRecord)
        ? createPerson(city, female ? { ...home, familyCard: formerCard(city, home) } : home, {
            female: !female,
            birth: otherBirth,
            // A dead husband stays the head of a card of his own; the widow heads the new one.
            relation: female ? Relation.HEAD : Relation.WIFE,
            parents: absentParents(city, home, otherBirth),
            union: { status: Marital.MARRIED, marriage: union.marriage },
            status: BasicStatus.MATI,
          })
        : undefined;
    const absent = absentParents(city, home, wedding);
    const parents = female
      ? { mother: head, father: lateSpouse ?? absent.father }
      : { mother: lateSpouse ?? absent.mother, father: head };
    const children = birthsAtHome(city, wedding, wifeBirth, union.ended).flatMap((day) =>
      childAtHome(city, home, parents, day),
    );
    return lateSpouse ? [head, ...children, lateSpouse] : [head, ...children];
  };
}

function formerCard({ random, numbers }: City, home: Home): string {
  return numbers.familyCard(home.kecamatan, civil(AS_OF - random.between(Math.round(5 * YEAR), Math.round(21 * YEAR))));
}

function oneAlone(city: City, home: Home): Person {
  const birth = birthDay(city.random, LIVING_ALONE_AGES.pick(city.random));
  return createPerson(city, home, {
    female: city.random.chance(0.45),
    birth,
    relation: Relation.HEAD,
    parents: absentParents(city, home, birth),
  });
}

/** Brothers and sisters who came to the city to study. */
function siblings(city: City, home: Home): Person[] {
  const { random } = city;
  let birth = birthDay(random, 19);
  const parents = absentParents(city, home, birth);
  const members: Person[] = [];
  for (let left = random.between(2, 3); left > 0; left -= 1) {
    const relation = members.length === 0 ? Relation.HEAD : Relation.RELATIVE;
    members.push(createPerson(city, home, { female: random.chance(0.5), birth, relation, parents }));
    birth += random.between(420, 1_100);
  }
  return members;
}

const KINDS = new Weighted<(city: City, home: Home) => Person[]>([
  [couple, 755],
  [loneParent(true), 96],
  [loneParent(false), 22],
  [(city, home) => [oneAlone(city, home)], 95],
  [siblings, 32],
]);

function guest(city: City, home: Home, relation: number, female: boolean, age: number): Person {
  const birth = birthDay(city.random, age);
  return createPerson(city, home, { female, birth, relation, parents: absentParents(city, home, birth) });
}

function guests(city: City, home: Home): Person[] {
  const { random } = city;
  const members: Person[] = [];
  if (random.chance(CHANCE.relative)) {
    members.push(guest(city, home, Relation.RELATIVE, random.chance(GIRLS), random.between(8, 24)));
  }
  if (random.chance(CHANCE.boarder)) members.push(guest(city, home, Relation.OTHER, random.chance(0.5), 18));
  if (random.chance(CHANCE.servant)) {
    const servant = guest(city, home, Relation.SERVANT, true, random.between(18, 50));
    servant.resident.pekerjaan = HOUSE_SERVANT;
    members.push(servant);
  }
  return members;
}

/** Who has died, moved out of Padang or is missing. A head stays, or the whole household moves. */
function depart({ random }: City, members: readonly Person[]): void {
  const allMoved = random.chance(CHANCE.householdMoved);
  for (const member of members) {
    if (member.status !== BasicStatus.HIDUP) continue;
    const { shdk, statusKawin } = member.resident;
    const single = statusKawin === Marital.SINGLE && shdk !== Relation.HEAD;
    if (allMoved) member.status = BasicStatus.PINDAH;
    else if (!single) continue;
    else if (random.chance(CHANCE.died)) member.status = BasicStatus.MATI;
    else if (ageOf(member.birth) >= 18 && random.chance(CHANCE.grownChildMoved)) member.status = BasicStatus.PINDAH;
    else if (random.chance(CHANCE.missing)) member.status = BasicStatus.HILANG;
  }
}

/** One household of the city, its head first, and any doubles of its members on cards of their own. */
export function household(city: City): Person[] {
  const home = settle(city);
  const members = KINDS.pick(city.random)(city, home);
  members.push(...guests(city, home));
  depart(city, members);
  return [...members, ...doublesOf(city, home, members)];
}

/** A living person alone on a card. */
export function soleResident(city: City): Person {
  return oneAlone(city, settle(city));
}
