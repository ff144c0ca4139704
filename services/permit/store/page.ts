import type { Pool } from '#mesh/sql.ts';
import { type Reach, withinReach } from './reach.ts';

// With one row more than this an answer stays below the 4 MiB that gRPC takes: a row has at most 1 MB.
const PAGE_BYTES = 1024 * 1024;

/** Which part of a listing: of one OPD or of all (''), below a row number, so many rows at most. */
export interface Page {
  readonly opd: string;
  readonly before: bigint | undefined;
  readonly limit: number;
}

/** What is listed: a table with `opd` and `number`, the size of a row, and a condition on $6. All SQL of ours. */
export interface Source {
  readonly table: string;
  readonly bytes: string;
  readonly condition: string;
}

/** Rows of a page within reach, newest first; `last` is the number of the last one when more follow. */
export async function selectPage<Row extends object>(
  pool: Pool,
  source: Source,
  reach: Reach,
  page: Page,
  filter: number,
): Promise<{ rows: Row[]; last: bigint | undefined }> {
  const { rows } = await pool.query<Row & { number: bigint; more: boolean }>(
    `select * from (
       select *, sum(${source.bytes}) over newest - (${source.bytes}) as bytes_before,
         lead(number) over newest is not null as more
       from ${source.table}
       where ${withinReach('$1', '$2')} and ($3::text = '' or opd = $3) and ($4::bigint is null or number < $4)
         and ${source.condition}
       window newest as (order by number desc) order by number desc limit $5
     ) as page where bytes_before <= ${PAGE_BYTES} order by number desc`,
    [reach.scope, reach.opd, page.opd, page.before ?? null, page.limit, filter],
  );
  const end = rows.at(-1);
  return { rows, last: end?.more ? end.number : undefined };
}
