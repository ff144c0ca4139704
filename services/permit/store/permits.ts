import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import {
  ApplicationState,
  type Permit,
  type PermitState,
  type RevocationReason,
  type SuspensionReason,
} from '#gen/rangkiang/permit/v1/permit.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';
import { owesAnything } from '../domain/duties.ts';
import { type Page, selectPage } from './page.ts';
import { PERMIT_STATE, type PermitRow, readPermit, type StoredPermit } from './permit-row.ts';
import { type Reach, withinReach } from './reach.ts';

/** A widening that is signed and not yet recorded ends with any narrowing: what came last counts. */
const NOTHING_PENDING = 'pending_event = null, pending_jws = null, pending_izin = null, pending_aktivasi_jws = null';

/** Keeps a signed permit that does not count yet. */
export async function insertPermit(
  client: PoolClient,
  permit: { izin: Izin; izinBytes: Uint8Array; jws: string; issueEvent: Buffer },
): Promise<void> {
  const { permitId, opd, quotaPerDay, validFrom, validUntil } = permit.izin;
  await client.query(
    `insert into permits (permit_id, opd, jws, izin, quota_per_day, valid_until, issue_event, owes, duties_since)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[permitId, opd, permit.jws, permit.izinBytes, quotaPerDay, validUntil, permit.issueEvent],
      ...[owesAnything(permit.izin), validFrom],
    ],
  );
}

/**
 * One permit within reach, whether it counts yet or not; undefined when there is none. With 'for update' it stays locked
 * until the transaction ends.
 */
export async function findPermit(
  db: Pool | PoolClient,
  reach: Reach,
  permitId: string,
  lock: '' | 'for update' = '',
): Promise<StoredPermit | undefined> {
  const { rows } = await db.query<PermitRow>(
    `select *, ${PERMIT_STATE} as state from permits where permit_id = $3 and ${withinReach('$1', '$2')} ${lock}`,
    [reach.scope, reach.opd, permitId],
  );
  return rows[0] && readPermit(rows[0]);
}

/** A page of permits within reach that count or have counted, newest first. */
export async function listPermits(
  pool: Pool,
  reach: Reach,
  state: PermitState,
  page: Page,
): Promise<{ items: Permit[]; last: bigint | undefined }> {
  const source = {
    table: `(select *, ${PERMIT_STATE} as state from permits) as permits`,
    bytes: 'octet_length(jws) + octet_length(izin) + 2 * coalesce(octet_length(aktivasi_jws), 0)',
    condition: 'policy_version is not null and ($6::int = 0 or state = $6)',
  };
  const { rows, last } = await selectPage<PermitRow>(pool, source, reach, page, state);
  return { items: rows.map((row) => readPermit(row).permit), last };
}

/** The signed permit whose record of issue this is; undefined when the record tells something else. */
export async function findByIssueEvent(
  client: PoolClient,
  issueEvent: Buffer,
): Promise<{ permitId: string; jws: string } | undefined> {
  const { rows } = await client.query<{ permitId: string; jws: string }>(
    'select permit_id as "permitId", jws from permits where issue_event = $1',
    [issueEvent],
  );
  return rows[0];
}

/** A signed permit never counts: the key that signed it has ended. The Walikota may sign the application anew. */
export async function dropIssue(client: PoolClient, permitId: string): Promise<void> {
  await client.query('delete from permits where permit_id = $1', [permitId]);
  await client.query(
    `update applications set revision = revision + 1,
       state = case when dirjen_letter = '' then ${ApplicationState.RECOMMENDED} else ${ApplicationState.APPROVED} end
     where application_id = $1`,
    [permitId],
  );
}

/** A signed widening of a permit never counts, likewise. */
export async function dropPending(client: PoolClient, permitId: string): Promise<void> {
  await client.query(`update permits set revision = revision + 1, ${NOTHING_PENDING} where permit_id = $1`, [permitId]);
}

/** From this version of the policy on the permit counts. */
export async function setIssued(client: PoolClient, permitId: string, policyVersion: bigint): Promise<void> {
  await client.query('update permits set policy_version = $2 where permit_id = $1', [permitId, policyVersion]);
}

/** From this version of the policy on the permit counts no longer. */
export async function setRevoked(
  client: PoolClient,
  permitId: string,
  revocation: { version: bigint; event: Buffer; reason: RevocationReason },
): Promise<void> {
  await client.query(
    `update permits set revoke_version = $2, revoke_event = $3, revocation_reason = $4, revoked_at = clock_timestamp(),
       revision = revision + 1, ${NOTHING_PENDING}
     where permit_id = $1`,
    [permitId, revocation.version, revocation.event, revocation.reason],
  );
}

/** From this version of the policy on the permit is suspended. */
export async function setSuspended(
  client: PoolClient,
  permitId: string,
  suspension: { id: string; version: bigint; event: Buffer; reason: SuspensionReason; remarks: string },
): Promise<void> {
  const { id, version, event, reason, remarks } = suspension;
  await client.query(
    `update permits set suspension_id = $2, suspend_version = $3, suspend_event = $4, suspension_reason = $5,
       suspension_remarks = $6, suspended_at = clock_timestamp(), revision = revision + 1, ${NOTHING_PENDING}
     where permit_id = $1`,
    [permitId, id, version, event, reason, remarks],
  );
}

/** Keeps a signed widening that does not count yet: a Pemulihan, an Aktivasi, or with `renewal` a new version of both documents. */
export async function setPending(
  client: PoolClient,
  permitId: string,
  pending: { event: Buffer; jws: string; renewal?: { izinBytes: Uint8Array; aktivasiJws: string } },
): Promise<void> {
  await client.query(
    `update permits set pending_event = $2, pending_jws = $3, pending_izin = $4, pending_aktivasi_jws = $5,
       revision = revision + 1
     where permit_id = $1`,
    [permitId, pending.event, pending.jws, pending.renewal?.izinBytes ?? null, pending.renewal?.aktivasiJws ?? null],
  );
}

/** A signed widening that waits for its record. */
interface Pending {
  readonly permitId: string;
  readonly jws: string;
  /** Of a renewal, as its Aktivasi. */
  readonly izinBytes: Buffer | null;
  readonly aktivasiJws: string | null;
  /** What is pending for a suspended permit is its reinstatement. */
  readonly isSuspended: boolean;
}

/** The signed widening whose record this is; undefined when the record tells something else, or it was ended before. */
export async function findByPendingEvent(client: PoolClient, event: Buffer): Promise<Pending | undefined> {
  const { rows } = await client.query<Pending>(
    `select permit_id as "permitId", pending_jws as jws, pending_izin as "izinBytes",
       pending_aktivasi_jws as "aktivasiJws", suspension_id is not null as "isSuspended" from permits
     where pending_event = $1 for update`,
    [event],
  );
  return rows[0];
}

/** The permit is suspended no longer. */
export async function setReinstated(client: PoolClient, permitId: string): Promise<void> {
  await client.query(
    `update permits set suspension_id = null, suspend_version = null, suspend_event = null, suspension_reason = 0,
       suspension_remarks = '', suspended_at = null, revision = revision + 1, duties_seen_on = null,
       ${NOTHING_PENDING}
     where permit_id = $1`,
    [permitId],
  );
}

/** From this version of the policy on the permit is activated. */
export async function setActivated(
  client: PoolClient,
  permitId: string,
  aktivasiJws: string,
  policyVersion: bigint,
): Promise<void> {
  await client.query(
    `update permits set aktivasi_jws = $2, policy_version = $3, revision = revision + 1, ${NOTHING_PENDING}
     where permit_id = $1`,
    [permitId, aktivasiJws, policyVersion],
  );
}

/**
 * From this version of the policy on another version of the Izin stands under the permit's id. It owes on from where the one
 * before began, unless there was a time between the two in which nothing could be used.
 */
export async function setRenewed(
  client: PoolClient,
  permitId: string,
  renewed: { jws: string; izinBytes: Uint8Array; aktivasiJws: string; policyVersion: bigint },
): Promise<void> {
  const izin = Izin.decode(renewed.izinBytes);
  const { quotaPerDay, validFrom, validUntil } = izin;
  await client.query(
    `update permits set jws = $2, izin = $3, quota_per_day = $4, valid_until = $5, policy_version = $6,
       aktivasi_jws = $7, owes = $8,
       duties_since = case when $9 > valid_until then $9 else duties_since end, duties_seen_on = null,
       revision = revision + 1, ${NOTHING_PENDING}
     where permit_id = $1`,
    [
      ...[permitId, renewed.jws, renewed.izinBytes, quotaPerDay, validUntil, renewed.policyVersion],
      ...[renewed.aktivasiJws, owesAnything(izin), validFrom],
    ],
  );
}
