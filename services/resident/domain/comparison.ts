import { type Address, type ElementMatch, Match, type Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import type { DateMessage as CalendarDate } from '#gen/rangkiang/type/v1/date.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { numberOf } from './calendar.ts';
import { fieldOf } from './elements.ts';
import { similarityOf } from './similarity.ts';
import { normaliseName, normaliseNumber, normaliseStreet } from './spelling.ts';

/** From here on a name or address counts as the same: one typing error in ten letters. */
const SAME_FROM = 0.9;
/** Below this nothing is told of the similarity: it would guide somebody who guesses. */
const TOLD_FROM = 0.7;

/** Similarity of a claim to the register, 0 to 1; only names and addresses know anything between. */
type Comparator<T> = (claimed: T, held: T) => number;

const exact: Comparator<unknown> = (claimed, held) => (claimed === held ? 1 : 0);
const date: Comparator<CalendarDate> = (claimed, held) => exact(numberOf(claimed), numberOf(held));
const name: Comparator<string> = (claimed, held) => similarityOf(normaliseName(claimed), normaliseName(held));
/** PADANG PANJANG is also written PADANGPANJANG. */
const place: Comparator<string> = (claimed, held) => exact(withoutSpaces(claimed), withoutSpaces(held));
const number: Comparator<string> = (claimed, held) => exact(normaliseNumber(claimed), normaliseNumber(held));

/** An address: RT, RW and kelurahan must agree where they are claimed, the street may be similar. */
const address: Comparator<Address> = (claimed, held) => {
  const coded = (['rt', 'rw', 'kelurahan'] as const).filter((part) => claimed[part] !== '');
  if (coded.some((part) => claimed[part] !== held[part])) return 0;
  const street = normaliseStreet(claimed.jalan);
  if (street !== '') return similarityOf(street, normaliseStreet(held.jalan));
  return coded.length > 0 ? 1 : 0;
};

/** How each element is compared; those that are not named must be equal. */
const comparators: ReadonlyMap<Element, Comparator<never>> = new Map<Element, Comparator<never>>([
  [Element.NAMA_LENGKAP, name],
  [Element.TEMPAT_LAHIR, place],
  [Element.TANGGAL_LAHIR, date],
  [Element.NAMA_IBU, name],
  [Element.NAMA_AYAH, name],
  [Element.ALAMAT_SEBELUMNYA, address],
  [Element.ALAMAT_SEKARANG, address],
  [Element.NO_AKTA_LAHIR, number],
  [Element.NO_AKTA_KAWIN, number],
  [Element.TANGGAL_KAWIN, date],
  [Element.NO_AKTA_CERAI, number],
  [Element.TANGGAL_CERAI, date],
]);

/** The elements for which the claims hold a value, in order of number. */
export function claimedElements(claims: Resident): Element[] {
  return [...fieldOf].filter(([, field]) => claims[field] !== undefined).map(([element]) => element);
}

/** Compares each claimed element with what the register holds. `held` needs the claimed elements only. */
export function compareClaims(claims: Resident, held: Resident): ElementMatch[] {
  return claimedElements(claims).map((element) => {
    const field = fieldOf.get(element) as keyof Resident;
    if (held[field] === undefined) return { element, match: Match.TIDAK_ADA, similarity: 0 };
    const compare = (comparators.get(element) ?? exact) as Comparator<unknown>;
    const similarity = inSteps(compare(claims[field], held[field]));
    const match = similarity >= SAME_FROM ? Match.SESUAI : Match.TIDAK_SESUAI;
    return { element, match, similarity: similarity >= TOLD_FROM ? similarity : 0 };
  });
}

function withoutSpaces(place: string): string {
  return normaliseName(place).replaceAll(' ', '');
}

/** Rounded down to steps of 0.1, so that only what is equal is 1. */
function inSteps(similarity: number): number {
  return Math.floor(similarity * 10 + 1e-9) / 10;
}
