import type { Random } from './random.ts';
import { Weighted } from './weighted.ts';

/** Shares of codes 1 to 10 of the list pendidikan_terakhir. */
type Shares = readonly number[];

/** By age up to and including: men, women. Assumption: older people and older women had fewer years at school. */
const BY_AGE: readonly (readonly [upToAge: number, men: Shares, women: Shares])[] = [
  [4, [1], [1]],
  [6, [80, 20], [80, 20]],
  [11, [1, 99], [1, 99]],
  [12, [1, 69, 30], [1, 69, 30]],
  [14, [0.5, 2, 97], [0.5, 2, 97]],
  [15, [0.5, 1, 69, 30], [0.5, 1, 69, 30]],
  [17, [0.5, 1, 8, 90], [0.5, 1, 6, 92]],
  [18, [0.5, 1, 6, 46, 46], [0.5, 1, 5, 44, 50]],
  [21, [0.2, 0.5, 4, 11, 82, 0.8, 1.5], [0.2, 0.5, 3, 9, 84, 0.8, 2.5]],
  [24, [0.2, 0.5, 4, 10, 66, 1, 4, 14], [0.2, 0.5, 3, 8, 58, 1, 6, 23]],
  [39, [0.3, 1, 6, 14, 48, 1, 6, 22, 1.6, 0.1], [0.3, 1, 5, 12, 40, 1.5, 10, 28, 2.1, 0.1]],
  [54, [0.5, 2, 11, 17, 46, 1.2, 5, 15, 2.1, 0.2], [0.8, 3, 13, 17, 41, 1.8, 6, 15.5, 1.7, 0.2]],
  [69, [1.5, 6, 19, 18, 38, 1.5, 4, 9.5, 2.2, 0.3], [3, 9, 24, 19, 30, 2.5, 4, 7.6, 0.8, 0.1]],
  [200, [5, 14, 28, 20, 24, 1.5, 3, 4, 0.4, 0.1], [13, 20, 31, 17, 14, 1.5, 1.5, 1.9, 0.1, 0]],
];

function choiceOf(shares: Shares): Weighted<number> {
  return new Weighted(shares.map((share, index) => [index + 1, share]));
}

const choices = BY_AGE.map(([upToAge, men, women]) => ({ upToAge, men: choiceOf(men), women: choiceOf(women) }));

/** Highest education at an age: a code of the list pendidikan_terakhir. */
export function schooling(random: Random, age: number, female: boolean): number {
  const band = choices.find(({ upToAge }) => age <= upToAge);
  if (!band) throw new RangeError('nobody is that old');
  return (female ? band.women : band.men).pick(random);
}
