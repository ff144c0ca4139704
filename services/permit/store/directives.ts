import { Directive, type DirectiveState } from '#gen/rangkiang/permit/v1/directive.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';
import { type Page, selectPage } from './page.ts';
import type { Reach } from './reach.ts';

/** A directive with the event ids of its records. */
export interface StoredDirective {
  readonly state: DirectiveState;
  readonly freezeEvent: Buffer;
  /** Null while nobody lifted it. */
  readonly liftEvent: Buffer | null;
}

interface Row {
  opd: string;
  directive: Buffer;
  freeze_event: Buffer;
  policy_version: bigint;
  frozen_at: Date;
  lift_jws: string | null;
  lift_event: Buffer | null;
  lifted_at: Date | null;
}

function read(row: Row): StoredDirective {
  return {
    state: {
      directive: Directive.decode(row.directive),
      frozenBy: row.opd,
      freezeTime: row.frozen_at,
      policyVersion: row.policy_version,
      liftJws: row.lift_jws ?? '',
      liftTime: row.lifted_at ?? undefined,
    },
    freezeEvent: row.freeze_event,
    liftEvent: row.lift_event,
  };
}

/** Keeps a directive that counts from `policyVersion` on. */
export async function insertDirective(
  client: PoolClient,
  given: { directive: Directive; frozenBy: string; freezeEvent: Buffer; policyVersion: bigint },
): Promise<void> {
  const { directive, frozenBy, freezeEvent, policyVersion } = given;
  await client.query(
    'insert into directives (directive_id, opd, directive, freeze_event, policy_version) values ($1, $2, $3, $4, $5)',
    [directive.directiveId, frozenBy, Directive.encode(directive).finish(), freezeEvent, policyVersion],
  );
}

/** One directive, or undefined; with 'for update' it stays locked until the transaction ends. */
export async function findDirective(
  db: Pool | PoolClient,
  directiveId: string,
  lock: '' | 'for update' = '',
): Promise<StoredDirective | undefined> {
  const { rows } = await db.query<Row>(`select * from directives where directive_id = $1 ${lock}`, [directiveId]);
  return rows[0] && read(rows[0]);
}

/** A page of directives, newest first; those that were lifted only on demand. */
export async function listDirectives(
  pool: Pool,
  reach: Reach,
  includeLifted: boolean,
  page: Page,
): Promise<{ items: DirectiveState[]; last: bigint | undefined }> {
  const source = {
    table: 'directives',
    bytes: 'octet_length(directive) + coalesce(octet_length(lift_jws), 0)',
    condition: '($6::int = 1 or lift_version is null)',
  };
  const { rows, last } = await selectPage<Row>(pool, source, reach, page, includeLifted ? 1 : 0);
  return { items: rows.map((row) => read(row).state), last };
}

/** Keeps the order to lift, which does not count yet. */
export async function setLiftOrder(
  client: PoolClient,
  directiveId: string,
  order: { jws: string; event: Buffer },
): Promise<void> {
  await client.query('update directives set lift_jws = $2, lift_event = $3 where directive_id = $1', [
    directiveId,
    order.jws,
    order.event,
  ]);
}

/** The order to lift never counts: the key that signed it has ended. */
export async function dropLiftOrder(client: PoolClient, directiveId: string): Promise<void> {
  await client.query('update directives set lift_jws = null, lift_event = null where directive_id = $1', [directiveId]);
}

/** The order whose record this is; undefined when the record tells something else. */
export async function findByLiftEvent(
  client: PoolClient,
  liftEvent: Buffer,
): Promise<{ directiveId: string; jws: string } | undefined> {
  const { rows } = await client.query<{ directiveId: string; jws: string }>(
    'select directive_id as "directiveId", lift_jws as jws from directives where lift_event = $1',
    [liftEvent],
  );
  return rows[0];
}

/** From this version of the policy on the directive counts no longer. */
export async function setLifted(client: PoolClient, directiveId: string, version: bigint): Promise<void> {
  await client.query('update directives set lift_version = $2, lifted_at = clock_timestamp() where directive_id = $1', [
    directiveId,
    version,
  ]);
}

/** Whether an agency is registered. */
export async function isRegistered(db: Pool | PoolClient, opd: string): Promise<boolean> {
  return (await db.query('select from opd where code = $1', [opd])).rowCount === 1;
}
