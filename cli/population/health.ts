import type { Random } from './random.ts';
import { Weighted } from './weighted.ts';

/** Code NO_DISABILITY of the list disabilitas. */
const NO_DISABILITY = 7;
/** Share of people with a disability on record. */
const DISABLED = 0.006;

const DISABILITIES = new Weighted([
  [1, 34],
  [2, 14],
  [3, 16],
  [4, 22],
  [5, 6],
  [6, 8],
]);

/** Most registers know the blood group of less than half (TIDAK TAHU, 13), and of few the rhesus factor. */
const BLOOD_GROUPS = new Weighted([
  [1, 9],
  [2, 10.5],
  [3, 3],
  [4, 15.5],
  [5, 1.1],
  [6, 0.01],
  [7, 1.3],
  [8, 0.01],
  [9, 0.4],
  [10, 0.01],
  [11, 1.9],
  [12, 0.02],
  [13, 57],
]);

/** A code of the list golongan_darah. */
export function bloodGroup(random: Random): number {
  return BLOOD_GROUPS.pick(random);
}

/** A code of the list disabilitas. */
export function disability(random: Random): number {
  return random.chance(DISABLED) ? DISABILITIES.pick(random) : NO_DISABILITY;
}
