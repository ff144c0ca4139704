import { Dimension } from '#gen/rangkiang/resident/v1/resident.ts';
import type { Pool } from '#mesh/sql.ts';
import type { DateNumber } from '../domain/calendar.ts';
import type { CountLine } from '../domain/count-table.ts';
import { arrayLiteral } from './array-literal.ts';
import { LIVING_HERE } from './scope-sql.ts';

type CountedDimension = Exclude<Dimension, typeof Dimension.UNSPECIFIED>;

/** Where each dimension comes from; all of these columns lie in the index residents_counted. */
const valueSql = (today: DateNumber): Readonly<Record<CountedDimension, string>> => ({
  [Dimension.KECAMATAN]: 'kelurahan / 10000',
  [Dimension.KELURAHAN]: 'kelurahan',
  [Dimension.JENIS_KELAMIN]: 'jenis_kelamin',
  // Five years are 50000 in dates written yyyymmdd. Who was born this year on an unknown day may lie in the future.
  [Dimension.KELOMPOK_UMUR]: `case when born_latest <> 99999999 then greatest(${today} - born_latest, 0) / 50000 end`,
  [Dimension.AGAMA]: 'agama',
  [Dimension.STATUS_KAWIN]: 'status_kawin',
  [Dimension.PENDIDIKAN_TERAKHIR]: 'pendidikan_terakhir',
  [Dimension.PEKERJAAN]: 'pekerjaan',
  [Dimension.GOLONGAN_DARAH]: 'golongan_darah',
  [Dimension.CACAT]: 'cacat',
});

/**
 * Counts the residents who live in the given kelurahan (their numbers) by the given dimensions, at most `limit` lines.
 * About 0.15 s for all 909,040, from the index alone.
 */
export async function countResidents(
  pool: Pool,
  dimensions: readonly Dimension[],
  kelurahan: readonly number[],
  today: DateNumber,
  limit: number,
): Promise<CountLine[]> {
  const sql = valueSql(today);
  const values = dimensions.map((dimension, d) => `${sql[dimension as CountedDimension]} as v${d}`);
  const { rows } = await pool.query<{ [value: `v${number}`]: number | null; count: bigint }>(
    `select ${values.join(', ')}, count(*) as count from residents
     where status = ${LIVING_HERE} and kelurahan = any($1::int4[])
     group by ${dimensions.map((_, d) => d + 1).join(', ')} limit $2`,
    [arrayLiteral(kelurahan), limit],
  );
  return rows.map((row) => ({ values: dimensions.map((_, d) => row[`v${d}`] ?? null), count: Number(row.count) }));
}
