import { type EmergencyActivation, type EmergencyRecord, EmergencyState } from '#gen/rangkiang/permit/v1/emergency.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';
import { emergencyTerms } from '../domain/emergency-terms.ts';
import { type Page, selectPage } from './page.ts';
import type { Reach } from './reach.ts';

/** An activation with what its records and changes need. */
export interface StoredEmergency {
  readonly state: EmergencyRecord;
  readonly activateEvent: Buffer;
  /** Null while nobody reviewed it. */
  readonly reviewEvent: Buffer | null;
}

interface Row {
  activation_id: string;
  permit_id: string;
  opd: string;
  begins: Date;
  ends: Date;
  review_due: Date;
  reason: string;
  state: EmergencyState;
  remarks: string;
  reviewed_at: Date | null;
  policy_version: bigint | null;
  activate_event: Buffer;
  review_event: Buffer | null;
}

const REVIEW_DUE = `ends + interval '${emergencyTerms.reviewWithinDays} days'`;
const STATE = `case when review_version is not null then ${EmergencyState.REVIEWED}
  when policy_version is null then ${EmergencyState.ACTIVATING}
  when ends > clock_timestamp() then ${EmergencyState.ACTIVE}
  when frozen_at is null then ${EmergencyState.REVIEW_DUE} else ${EmergencyState.REVIEW_LATE} end`;
const COLUMNS = `*, ${REVIEW_DUE} as review_due, ${STATE} as state`;

function read(row: Row): StoredEmergency {
  return {
    state: {
      activationId: row.activation_id,
      permitId: row.permit_id,
      opd: row.opd,
      from: row.begins,
      until: row.ends,
      reason: row.reason,
      state: row.state,
      reviewDue: row.review_due,
      remarks: row.remarks,
      reviewTime: row.reviewed_at ?? undefined,
      policyVersion: row.policy_version ?? 0n,
    },
    activateEvent: row.activate_event,
    reviewEvent: row.review_event,
  };
}

/** Whether the permit cannot be activated now: an activation is open, or one began no earlier than this one would. */
export async function isBlocked(client: PoolClient, { permitId, from }: EmergencyActivation): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from emergencies where permit_id = $1 and (review_version is null or begins >= $2)',
    [permitId, from],
  );
  return rowCount !== 0;
}

/** Keeps an activation that does not count yet. */
export async function insertEmergency(
  client: PoolClient,
  { activationId, permitId, from, until, reason }: EmergencyActivation,
  given: { opd: string; jws: readonly string[]; event: Buffer },
): Promise<void> {
  await client.query(
    `insert into emergencies (activation_id, permit_id, opd, begins, ends, reason, jws, activate_event)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [activationId, permitId, given.opd, from, until, reason, given.jws, given.event],
  );
}

/** One emergency, or undefined; with 'for update' it stays locked until the transaction ends. */
export async function findEmergency(
  db: Pool | PoolClient,
  activationId: string,
  lock: '' | 'for update' = '',
): Promise<StoredEmergency | undefined> {
  const { rows } = await db.query<Row>(`select ${COLUMNS} from emergencies where activation_id = $1 ${lock}`, [
    activationId,
  ]);
  return rows[0] && read(rows[0]);
}

/** The emergency that this record activates. */
export async function findByActivateEvent(pool: Pool, event: Buffer): Promise<StoredEmergency | undefined> {
  const { rows } = await pool.query<Row>(`select ${COLUMNS} from emergencies where activate_event = $1`, [event]);
  return rows[0] && read(rows[0]);
}

/** A page of emergencies within reach, newest first; those reviewed only on demand. */
export async function listEmergencies(
  pool: Pool,
  reach: Reach,
  includeReviewed: boolean,
  page: Page,
): Promise<{ items: EmergencyRecord[]; last: bigint | undefined }> {
  const source = {
    table: `(select ${COLUMNS} from emergencies) as emergencies`,
    bytes: 'octet_length(reason) + octet_length(remarks)',
    condition: '($6::int = 1 or review_version is null)',
  };
  const { rows, last } = await selectPage<Row>(pool, source, reach, page, includeReviewed ? 1 : 0);
  return { items: rows.map((row) => read(row).state), last };
}

/** Keeps a signed review, which does not count yet. */
export async function setReview(
  client: PoolClient,
  activationId: string,
  review: { jws: string; remarks: string; event: Buffer },
): Promise<void> {
  await client.query(
    'update emergencies set review_jws = $2, remarks = $3, review_event = $4 where activation_id = $1',
    [activationId, review.jws, review.remarks, review.event],
  );
}

/** What waits for a record: an activation, or the review of one. */
export interface WaitingEmergency {
  readonly activationId: string;
  readonly permitId: string;
  readonly jws: readonly string[];
  /** Set when it is the review that waits. */
  readonly reviewJws: string | null;
}

/** What waits for this record; undefined when the record tells something else. */
export async function findWaiting(client: PoolClient, event: Buffer): Promise<WaitingEmergency | undefined> {
  const { rows } = await client.query<WaitingEmergency>(
    `select activation_id as "activationId", permit_id as "permitId", jws,
       case when review_event = $1 then review_jws end as "reviewJws"
     from emergencies
     where (activate_event = $1 and policy_version is null) or (review_event = $1 and review_version is null)
     for update`,
    [event],
  );
  return rows[0];
}

/** From this version of the policy on the activation counts. */
export async function setActivated(client: PoolClient, activationId: string, version: bigint): Promise<void> {
  await client.query('update emergencies set policy_version = $2 where activation_id = $1', [activationId, version]);
}

/** From this version of the policy on the review is closed. */
export async function setReviewed(client: PoolClient, activationId: string, version: bigint): Promise<void> {
  await client.query(
    'update emergencies set review_version = $2, reviewed_at = clock_timestamp() where activation_id = $1',
    [activationId, version],
  );
}

/** An emergency of which something is due. */
export type DueEmergency = Pick<EmergencyRecord, 'activationId' | 'permitId' | 'opd' | 'from' | 'until'>;

const due = `activation_id as "activationId", permit_id as "permitId", opd, begins as "from", ends as until`;

/** One emergency that is over without a record of its end, locked; undefined when there is none, or others have them. */
export async function takeEnded(client: PoolClient): Promise<DueEmergency | undefined> {
  const { rows } = await client.query<DueEmergency>(
    `select ${due} from emergencies where policy_version is not null and end_event is null and ends <= clock_timestamp()
     order by number limit 1 for update skip locked`,
  );
  return rows[0];
}

/** Its end has a record. */
export async function setEnded(client: PoolClient, activationId: string, event: Buffer): Promise<void> {
  await client.query('update emergencies set end_event = $2 where activation_id = $1', [activationId, event]);
}

/** Emergencies that were not reviewed in time and whose operators are not frozen. */
export async function findLate(pool: Pool): Promise<DueEmergency[]> {
  const { rows } = await pool.query<DueEmergency>(
    `select ${due} from emergencies
     where policy_version is not null and review_event is null and frozen_at is null and ${REVIEW_DUE} <= clock_timestamp()`,
  );
  return rows;
}

/** Notes that the operators are being frozen; false when the review or another process came first. */
export async function takeLate(client: PoolClient, activationId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `update emergencies set frozen_at = clock_timestamp()
     where activation_id = $1 and review_event is null and frozen_at is null`,
    [activationId],
  );
  return rowCount === 1;
}
