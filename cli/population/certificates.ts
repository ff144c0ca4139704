import { AS_OF, ageOf, civil, type Day, twoDigits, YEAR } from './calendar.ts';
import { Religion } from './communities.ts';
import type { Random } from './random.ts';

/** Something that a certificate attests: when it happened, and the certificate's number if there is one. */
export interface Deed {
  readonly day: Day;
  readonly number: string | undefined;
}

const ROMAN = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'];

/** Share of people with a birth certificate by age up to and including (assumption: the old mostly have none). */
const BIRTH_CERTIFICATES = [
  [17, 0.96],
  [40, 0.78],
  [60, 0.46],
  [200, 0.2],
] as const;

function fourDigits(random: Random): string {
  return `${random.between(1, 9999)}`.padStart(4, '0');
}

/** "1371-LU-17081990-0042": city, kind, day of issue, sequence. */
function civilRegistry(random: Random, kind: 'LU' | 'LT' | 'KW' | 'CR', issued: Day): string {
  const { year, month, day } = civil(issued);
  return `1371-${kind}-${twoDigits(day)}${twoDigits(month)}${year}-${fourDigits(random)}`;
}

/** Number of a birth certificate, or none. LU was issued within 60 days of the birth, LT later. */
export function birthCertificate(random: Random, birth: Day): string | undefined {
  const age = ageOf(birth);
  const share = BIRTH_CERTIFICATES.find(([upToAge]) => age <= upToAge)?.[1] ?? 0;
  if (!random.chance(share)) return undefined;
  const prompt = age < 1 || (age < 20 && random.chance(0.75));
  const days = prompt ? random.between(3, 60) : random.between(61, Math.min(AS_OF - birth, Math.round(12 * YEAR)));
  return civilRegistry(random, prompt ? 'LU' : 'LT', Math.min(birth + days, AS_OF));
}

/** A marriage: Muslims have a marriage book of the KUA, others a certificate of the civil registry. */
export function marriageDeed(random: Random, day: Day, religion: number): Deed {
  if (!random.chance(civil(day).year < 1980 ? 0.7 : 0.93)) return { day, number: undefined };
  if (religion !== Religion.ISLAM) return { day, number: civilRegistry(random, 'KW', day) };
  const { year, month } = civil(day);
  const sequence = `${random.between(1, 899)}`.padStart(4, '0');
  return { day, number: `${sequence}/${twoDigits(random.between(1, 60))}/${ROMAN[month - 1]}/${year}` };
}

/** A divorce: Muslims have an akta cerai of the religious court, others a certificate of the civil registry. */
export function divorceDeed(random: Random, day: Day, religion: number): Deed {
  if (!random.chance(0.84)) return { day, number: undefined };
  if (religion !== Religion.ISLAM) return { day, number: civilRegistry(random, 'CR', day) };
  return { day, number: `${fourDigits(random)}/AC/${civil(day).year}/PA.PDG` };
}
