import type { Pool } from '#mesh/sql.ts';
import type { Opd } from '../domain/opd-list.ts';

/** Registers agencies, and takes over names that have changed. One that is no longer listed stays: it has a history. */
export async function registerOpd(pool: Pool, agencies: readonly Opd[]): Promise<void> {
  await pool.query(
    `insert into opd (code, name) select * from unnest($1::text[], $2::text[])
     on conflict (code) do update set name = excluded.name where opd.name <> excluded.name`,
    [agencies.map(({ code }) => code), agencies.map(({ name }) => name)],
  );
}
