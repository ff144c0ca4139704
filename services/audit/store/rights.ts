import type { Pool } from '#mesh/sql.ts';

/** The role that the service works as; see migrations/022_rights.sql. */
const ROLE = 'rangkiang_audit';

/** The same database under the service's role. */
export function asService(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('options', `-c role=${ROLE}`);
  return url.href;
}

/** What the promise of the log needs, and how to ask the server for it: each must answer true. */
const demands: readonly { readonly what: string; readonly sql: string }[] = [
  { what: 'fsync = on', sql: "current_setting('fsync') = 'on'" },
  { what: 'full_page_writes = on', sql: "current_setting('full_page_writes') = 'on'" },
  { what: 'synchronous_commit other than off', sql: "current_setting('synchronous_commit') <> 'off'" },
  ...['entry', 'tree_node', 'signed_head', 'pruned_bundle'].flatMap((table) =>
    ['update', 'delete', 'truncate'].map((right) => ({
      what: `no right to ${right} ${table}`,
      sql: `not has_table_privilege('${table}', '${right}')`,
    })),
  ),
  { what: 'no right to insert pruned_bundle', sql: "not has_table_privilege('pruned_bundle', 'insert')" },
  { what: 'no right to update a column of entry', sql: "not has_any_column_privilege('entry', 'update')" },
];

/** Throws an Error that names what server or role would let a committed record be lost or changed by. */
export async function requirePromise(pool: Pool): Promise<void> {
  const columns = demands.map(({ sql }, at) => `${sql} as "${at}"`).join(', ');
  const { rows } = await pool.query<Record<string, boolean>>(`select ${columns}`);
  const missing = demands.filter((_, at) => rows[0]?.[at] !== true).map(({ what }) => what);
  if (missing.length > 0) throw new Error(`Postgres cannot keep the log's promise; it needs: ${missing.join(', ')}`);
}
