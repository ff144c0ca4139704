import { Religion } from './communities.ts';
import type { Random } from './random.ts';
import { Weighted } from './weighted.ts';

/** Codes of the list pekerjaan that rules below name. */
const NONE = 1;
const HOUSEKEEPING = 2;
const STUDENT = 3;
const PENSIONER = 4;
const CIVIL_SERVANT = 5;
const IMAM = 41;
const PREACHER = 45;
const SELF_EMPLOYED = 88;

const RETIREMENT_AGE = 60;
/** Work that ends with a pension: civil service, army, police, state and city companies, teachers. */
const PENSIONED = new Set([CIVIL_SERVANT, 6, 7, 16, 17, 64, 65]);
/** Who leads a congregation: PENDETA and PASTOR; where the list has no word, SELF_EMPLOYED. */
const CLERGY = new Map<number, number>([
  [Religion.KRISTEN, 42],
  [Religion.KATHOLIK, 43],
]);

type Shares = readonly (readonly [code: number, share: number])[];
interface Level {
  /** Highest code of pendidikan_terakhir that belongs here. */
  readonly upTo: number;
  readonly men: Weighted<number>;
  readonly women: Weighted<number>;
  /** Share of married women from 20 who keep house. */
  readonly housekeeping: number;
}

function level(upTo: number, housekeeping: number, men: Shares, women: Shares): Level {
  return { upTo, housekeeping, men: new Weighted(men), women: new Weighted(women) };
}

// biome-ignore format: one line of the table per group of trades
const LEVELS: readonly Level[] = [
  level(4, 0.64, [
    [19, 26], [88, 22], [84, 12], [81, 10], [9, 7], [11, 6], [15, 6], [26, 6], [27, 4], [20, 3], [14, 3], [13, 2],
    [21, 2], [35, 2], [29, 1.2], [10, 0.7], [24, 0.6], [89, 0.5], [22, 0.2], [28, 0.2], [IMAM, 0.2], [37, 0.05], [83, 0.03],
  ], [
    [84, 26], [88, 22], [19, 12], [23, 8], [30, 9], [15, 8], [9, 6], [46, 4], [20, 3], [34, 1.2], [32, 1], [38, 0.3],
  ]),
  level(5, 0.56, [
    [88, 34], [15, 28], [84, 8], [19, 8], [81, 5], [5, 3], [35, 2.5], [6, 2.4], [7, 2.2], [18, 2], [16, 1.6], [8, 1],
    [12, 1], [14, 1], [79, 0.6], [25, 0.6], [17, 0.5], [36, 0.3], [PREACHER, 0.3],
  ], [
    [88, 30], [15, 30], [84, 12], [30, 6], [18, 4], [5, 3], [65, 3], [32, 1.2], [46, 1.2], [34, 1], [8, 1], [16, 0.8],
    [39, 0.2], [33, 0.2],
  ]),
  level(7, 0.36, [
    [15, 34], [88, 22], [5, 10], [16, 6], [74, 5], [18, 4], [7, 3], [35, 3], [6, 2], [12, 2], [79, 1.5], [25, 1],
  ], [
    [15, 28], [74, 14], [73, 12], [88, 12], [5, 10], [18, 8], [65, 4], [16, 3],
  ]),
  level(10, 0.2, [
    [15, 26], [5, 18], [88, 16], [65, 7], [16, 6], [18, 4], [64, 2.6], [7, 2], [6, 1.2], [72, 1.2], [17, 1], [71, 0.8],
    [67, 0.8], [44, 0.8], [PREACHER, 0.6], [69, 0.5], [70, 0.4], [75, 0.3], [80, 0.3], [68, 0.2], [82, 0.1], [66, 0.05],
    [77, 0.05], [40, 0.05],
  ], [
    [5, 18], [65, 16], [15, 16], [88, 9], [18, 6], [74, 2.5], [16, 3], [64, 2.6], [73, 2], [72, 1.8], [75, 0.9], [70, 0.5],
    [68, 0.4], [67, 0.3], [71, 0.3], [76, 0.2], [69, 0.2], [77, 0.05], [78, 0.05],
  ]),
];

/** Somebody whose work is asked for. `schooling` is a code of pendidikan_terakhir. */
export interface Worker {
  readonly age: number;
  readonly female: boolean;
  readonly married: boolean;
  readonly religion: number;
  readonly schooling: number;
}

/** Occupation: a code of the list pekerjaan. */
export function occupation(random: Random, { age, female, married, religion, schooling }: Worker): number {
  if (age < 6) return NONE;
  if (age < 19) return random.chance(0.96) ? STUDENT : NONE;
  const { upTo, men, women, housekeeping } = LEVELS.find((row) => schooling <= row.upTo) as Level;
  if (age < 25 && !married && upTo > 4 && random.chance(schooling > 5 ? 0.25 : 0.58)) return STUDENT;
  if (age >= 70 && random.chance(0.45)) return female ? HOUSEKEEPING : NONE;
  if (female && married && random.chance(housekeeping)) return HOUSEKEEPING;
  if (age < RETIREMENT_AGE && random.chance(age < 30 ? 0.14 : 0.04)) return NONE;
  const work = (female ? women : men).pick(random);
  if (age >= RETIREMENT_AGE && (PENSIONED.has(work) || (schooling >= 5 && random.chance(0.4)))) return PENSIONER;
  if (work === IMAM || work === PREACHER) {
    return religion === Religion.ISLAM ? work : (CLERGY.get(religion) ?? SELF_EMPLOYED);
  }
  return work;
}
