import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Element } from '#gen/rangkiang/type/v1/element.ts';
import { MeshError } from '#mesh/errors.ts';
import { maskOf } from './elements.ts';
import { multirangeOf } from './regions.ts';

/** What one call may read, in the form in which the SQL applies it. */
export interface Scope {
  /** Elements as bits, see `maskOf`. */
  readonly mask: number;
  /** The granted regions as an int4multirange of kelurahan. */
  readonly regions: string;
  /** Whether residents under 18 may be read. */
  readonly children: boolean;
}

/** The scope of a call that reads the given elements. Throws REGION_NOT_GRANTED when the grant has no region. */
export function scopeOf(grant: Pick<Grant, 'regions' | 'children'>, elements: readonly Element[]): Scope {
  if (grant.regions.length === 0) throw new MeshError('REGION_NOT_GRANTED');
  return { mask: maskOf(elements), regions: multirangeOf(grant.regions), children: grant.children };
}

/** Throws ROW_CAP_EXCEEDED unless the grant lets out this many rows of residents. */
export function assertRowCap(grant: Pick<Grant, 'rowCap'>, rows: number): void {
  if (rows > grant.rowCap) throw new MeshError('ROW_CAP_EXCEEDED');
}
