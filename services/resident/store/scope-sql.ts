import { elementColumns } from './columns.ts';

/** List status_dasar: living here. The dead, moved and missing are answered to nobody, as if they were not on record. */
export const LIVING_HERE = 1;

/**
 * The columns of `r` (residents), each null unless its element's bit is set in `mask` (an SQL expression): what a call may not
 * see never leaves the database.
 */
export function maskedColumns(mask: string): string {
  return elementColumns
    .map(({ name, element }) => `case when ${mask} & ${1 << element} <> 0 then ${alias}.${name} end as ${name}`)
    .join(',\n  ');
}

const alias = 'r';

/** The SQL expressions that scope a reading. */
export interface ScopeSql {
  /** int4multirange of the granted kelurahan. */
  readonly regions: string;
  /** boolean: residents under 18 too. */
  readonly children: string;
  /** int4: the last birth date of adults, yyyymmdd. */
  readonly adultIfBornBy: string;
}

/** Whether a resident may be read under a scope; `table` is an alias of residents. */
export function inScope(table: string, { regions, children, adultIfBornBy }: ScopeSql): string {
  return `${table}.status = ${LIVING_HERE} and ${table}.kelurahan <@ ${regions} and (${children} or ${table}.born_latest <= ${adultIfBornBy})`;
}
