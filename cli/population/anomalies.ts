import type { CivilDate } from './calendar.ts';
import type { Random } from './random.ts';

/** Share of NIK that disagree with the birth date or the sex: they were wrong once and are never corrected. */
export const MISREGISTERED = 0.005;
/** From this age on a birth date may be unknown but for its year. */
export const UNKNOWN_FROM_AGE = 60;
/** Share of them whose day, and mostly also month, nobody knows. */
export const UNKNOWN_DATE = 0.07;

/** What a NIK was made of. */
export interface Registration {
  readonly birth: CivilDate;
  readonly female: boolean;
}

/** What the clerk wrote at the first registration: nearly always the truth. */
export function registered(random: Random, truth: Registration): Registration {
  if (!random.chance(MISREGISTERED)) return truth;
  const { birth, female } = truth;
  const fault = random.between(1, 4);
  if (fault === 1) return { birth, female: !female };
  if (fault === 2 && birth.day <= 12 && birth.day !== birth.month) {
    return { birth: { year: birth.year, month: birth.day, day: birth.month }, female };
  }
  if (fault === 3) return { birth: { ...birth, day: birth.day === 1 ? 11 : 1 }, female };
  // No 29 February in most years, so that day goes too.
  const year = birth.year + (random.chance(0.5) ? 1 : -1) * random.between(1, 9);
  return { birth: { year, month: birth.month, day: Math.min(birth.day, 28) }, female };
}

/** A birth date of which only the year, or year and month, is known; what is unknown is 0. */
export function forgotten(random: Random, birth: CivilDate): CivilDate {
  return { year: birth.year, month: random.chance(0.75) ? 0 : birth.month, day: 0 };
}

/** The date that stands in a NIK for one with unknown parts: 1 July for a year, the 15th for a month (assumption). */
export function assumed({ year, month, day }: CivilDate): CivilDate {
  if (month === 0) return { year, month: 7, day: 1 };
  return { year, month, day: day === 0 ? 15 : day };
}

const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/\bMUHAMMAD\b/, 'MOHAMMAD'],
  [/\bMOHAMMAD\b/, 'MUHAMAD'],
  [/\bSITI\b/, 'SITTI'],
  [/SY/, 'S'],
  [/DH/, 'D'],
  [/ZK/, 'SK'],
  [/FF/, 'F'],
  [/NN/, 'N'],
  [/LL/, 'L'],
  [/F/, 'V'],
  [/Y\b/, 'I'],
  [/I\b/, 'Y'],
  [/AH\b/, 'A'],
  [/U/, 'OE'],
];

/** The name as another clerk wrote it: another spelling, two letters changed round, or its last word dropped. */
export function misspelt(random: Random, name: string): string {
  const manner = random.between(1, 4);
  const lastSpace = name.lastIndexOf(' ');
  if (manner === 1 && lastSpace > 3) return name.slice(0, lastSpace);
  if (manner < 4) {
    const fitting = SPELLINGS.filter(([pattern]) => pattern.test(name));
    if (fitting.length > 0) {
      const [pattern, spelling] = random.choice(fitting);
      return name.replace(pattern, spelling);
    }
  }
  const letters = [...name];
  const places = letters.keys().filter((at) => at > 0 && isPair(letters[at], letters[at + 1]));
  const at = random.choice([...places]);
  return name.slice(0, at) + letters[at + 1] + letters[at] + name.slice(at + 2);
}

function isPair(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other && one !== ' ' && other !== ' ';
}
