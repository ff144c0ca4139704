import { Dimension } from '#gen/rangkiang/resident/v1/resident.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { codeOf } from './regions.ts';

/** Width of an age group in years. */
const AGE_GROUP_YEARS = 5;

/** What AggregateResidents can count by. */
export interface CountedBy {
  /** The element that the permit must grant; a region of the caller's own scope needs none. */
  readonly element?: Element;
  /** How a stored value is written in the answer; what is not on record is always "". */
  readonly write: (value: number) => string;
}

/** Every dimension of the contract. An age is stored as its group's number: 5 is "25-29". */
export const countedBy: ReadonlyMap<Dimension, CountedBy> = new Map<Dimension, CountedBy>([
  [Dimension.KECAMATAN, { write: codeOf }],
  [Dimension.KELURAHAN, { write: codeOf }],
  [Dimension.JENIS_KELAMIN, { element: Element.JENIS_KELAMIN, write: String }],
  [Dimension.KELOMPOK_UMUR, { element: Element.TANGGAL_LAHIR, write: ageGroup }],
  [Dimension.AGAMA, { element: Element.AGAMA, write: String }],
  [Dimension.STATUS_KAWIN, { element: Element.STATUS_KAWIN, write: String }],
  [Dimension.PENDIDIKAN_TERAKHIR, { element: Element.PENDIDIKAN_TERAKHIR, write: String }],
  [Dimension.PEKERJAAN, { element: Element.PEKERJAAN, write: String }],
  [Dimension.GOLONGAN_DARAH, { element: Element.GOLONGAN_DARAH, write: String }],
  [Dimension.CACAT, { element: Element.CACAT, write: String }],
]);

function ageGroup(group: number): string {
  const first = group * AGE_GROUP_YEARS;
  return `${first}-${first + AGE_GROUP_YEARS - 1}`;
}

/** The elements that a permit must grant to count by the given dimensions. */
export function elementsCountedBy(dimensions: readonly Dimension[]): Element[] {
  return dimensions.flatMap((dimension) => countedBy.get(dimension)?.element ?? []).sort((a, b) => a - b);
}
