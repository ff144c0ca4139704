import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { type Permit, PermitState, type RevocationReason } from '#gen/rangkiang/permit/v1/permit.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';
import { type Page, selectPage } from './page.ts';
import { type Reach, withinReach } from './reach.ts';

/** A permit with what the service itself needs of it. */
export interface StoredPermit {
  readonly permit: Permit;
  /** Version of the policy from which it counts; null while its record is not committed. */
  readonly policyVersion: bigint | null;
  readonly issueEvent: Buffer;
  /** Record and version of its revocation; null when it was not revoked. */
  readonly revokeEvent: Buffer | null;
  readonly revokeVersion: bigint | null;
}

interface Row {
  permit_id: string;
  jws: string;
  izin: Buffer;
  issue_event: Buffer;
  policy_version: bigint | null;
  revoke_event: Buffer | null;
  revoke_version: bigint | null;
  revocation_reason: RevocationReason;
  revoked_at: Date | null;
}

function read(row: Row): StoredPermit {
  return {
    permit: {
      permitId: row.permit_id,
      izin: Izin.decode(row.izin),
      jws: row.jws,
      state: row.revoke_version === null ? PermitState.ACTIVE : PermitState.REVOKED,
      policyVersion: row.policy_version ?? 0n,
      revocationReason: row.revocation_reason,
      revokeTime: row.revoked_at ?? undefined,
    },
    policyVersion: row.policy_version,
    issueEvent: row.issue_event,
    revokeEvent: row.revoke_event,
    revokeVersion: row.revoke_version,
  };
}

/** Keeps a signed permit that does not count yet. */
export async function insertPermit(
  client: PoolClient,
  permit: { izin: Izin; izinBytes: Uint8Array; jws: string; issueEvent: Buffer },
): Promise<void> {
  const { permitId, opd, quotaPerDay } = permit.izin;
  await client.query(
    'insert into permits (permit_id, opd, jws, izin, quota_per_day, issue_event) values ($1, $2, $3, $4, $5, $6)',
    [permitId, opd, permit.jws, permit.izinBytes, quotaPerDay, permit.issueEvent],
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
  const { rows } = await db.query<Row>(
    `select * from permits where permit_id = $3 and ${withinReach('$1', '$2')} ${lock}`,
    [reach.scope, reach.opd, permitId],
  );
  return rows[0] && read(rows[0]);
}

/** A page of permits within reach that count or have counted, newest first. */
export async function listPermits(
  pool: Pool,
  reach: Reach,
  state: PermitState,
  page: Page,
): Promise<{ items: Permit[]; last: bigint | undefined }> {
  const source = {
    table: 'permits',
    bytes: 'octet_length(jws) + octet_length(izin)',
    condition: `policy_version is not null
      and ($6::int = 0 or ($6 = ${PermitState.REVOKED}) = (revoke_version is not null))`,
  };
  const { rows, last } = await selectPage<Row>(pool, source, reach, page, state);
  return { items: rows.map((row) => read(row).permit), last };
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
    `update permits set revoke_version = $2, revoke_event = $3, revocation_reason = $4, revoked_at = clock_timestamp()
     where permit_id = $1`,
    [permitId, revocation.version, revocation.event, revocation.reason],
  );
}
