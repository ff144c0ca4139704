import { civil, type Day } from './calendar.ts';
import type { Community } from './communities.ts';
import { readData } from './csv.ts';
import type { Random } from './random.ts';

/** Fashions of names: which list a birth year draws from, and how often a name has a second and a third word. */
const ERAS = [
  { name: 'OLD', bornBefore: 1965, second: 0.35, third: 0 },
  { name: 'MID', bornBefore: 1990, second: 0.78, third: 0.1 },
  { name: 'NEW', bornBefore: Number.POSITIVE_INFINITY, second: 0.96, third: 0.45 },
] as const;

type Sex = 'L' | 'P';

/** Words to make names from. */
interface Words {
  readonly given: readonly string[];
  readonly second: readonly string[];
}

/** Makes names out of the word lists of `data/names.csv`. */
export class Names {
  /** By list and sex, one for each era. */
  readonly #words = new Map<string, Record<Sex, readonly Words[]>>();
  readonly #families = new Map<string, readonly string[]>();

  constructor() {
    const rows = readData('names.csv', ['list', 'part', 'sex', 'era', 'names']).map((row) => ({
      ...row,
      names: row.names.split(';'),
    }));
    const find = (list: string, part: string, sex: Sex, era: string): readonly string[] => {
      const row = rows.find(
        (row) => row.list === list && row.part === part && row.sex === sex && (row.era === era || row.era === '-'),
      );
      if (!row) throw new Error(`data/names.csv: no ${part} of ${list} for ${sex}, ${era}`);
      return row.names;
    };
    const words = (list: string, sex: Sex): Words[] =>
      ERAS.map(({ name }) => ({ given: find(list, 'GIVEN', sex, name), second: find(list, 'SECOND', sex, name) }));
    for (const { list, part, names } of rows) {
      if (part === 'FAMILY') this.#families.set(list, names);
      else this.#words.set(list, { L: words(list, 'L'), P: words(list, 'P') });
    }
  }

  /** A full name, upper case, that fits the community, the sex and the fashion of the birth year. */
  full(random: Random, community: Community, female: boolean, birth: Day, familyName: string | undefined): string {
    const { year } = civil(birth);
    const at = ERAS.findIndex(({ bornBefore }) => year < bornBefore);
    const era = ERAS[at] as (typeof ERAS)[number];
    const words = this.#words.get(community.words)?.[female ? 'P' : 'L'][at];
    if (!words) throw new Error(`data/names.csv: no list ${community.words}`);
    const given = random.choice(words.given);
    let name = given;
    if (random.chance(era.second)) {
      const second = random.choice(words.second);
      if (second !== given) name += ` ${second}`;
      const third = random.choice(words.second);
      if (third !== second && third !== given && random.chance(era.third)) name += ` ${third}`;
    }
    return familyName ? `${name} ${familyName}` : name;
  }

  /** A family name (suku, marga) of the community, or none. */
  family(random: Random, community: Community): string | undefined {
    const families = this.#families.get(community.familyList ?? '');
    return families && random.chance(community.familyShare) ? random.choice(families) : undefined;
  }
}
