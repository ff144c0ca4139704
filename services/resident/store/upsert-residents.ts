import type { PoolClient } from '#mesh/sql.ts';
import type { AcceptedResident } from '../domain/import-chunk.ts';
import { arrayLiteral } from './array-literal.ts';
import { elementColumns } from './columns.ts';

const columns = [...elementColumns.map(({ name, type }) => ({ name, type })), { name: 'status', type: 'int2' }];

const upsert = {
  name: 'upsert-residents',
  text: `insert into residents (${columns.map(({ name }) => name).join(', ')})
select * from unnest(${columns.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ')})
on conflict (nik) do update set ${columns
    .filter(({ name }) => name !== 'nik')
    .map(({ name }) => `${name} = excluded.${name}`)
    .join(', ')}`,
};

/** Enters residents, each NIK once; one that is on record is replaced as a whole. A column travels as one array. */
export async function upsertResidents(client: PoolClient, residents: readonly AcceptedResident[]): Promise<void> {
  const values = elementColumns.map(({ value }) => arrayLiteral(residents.map(({ resident }) => value(resident))));
  await client.query({ ...upsert, values: [...values, arrayLiteral(residents.map(({ status }) => status))] });
}
