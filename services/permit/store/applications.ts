import { type Application, ApplicationContent, ApplicationState } from '#gen/rangkiang/permit/v1/permit.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';
import { type Page, selectPage } from './page.ts';
import { type Reach, withinReach } from './reach.ts';

/** An application with the event ids of its records. */
export interface StoredApplication {
  readonly application: Application;
  readonly submitEvent: Buffer;
  readonly rejectEvent: Buffer | null;
}

interface Row {
  application_id: string;
  opd: string;
  content: Buffer;
  state: ApplicationState;
  rejection: string;
  submitted_at: Date;
  decided_at: Date | null;
  submit_event: Buffer;
  reject_event: Buffer | null;
  revision: bigint;
  review_remarks: string;
  reviewed_at: Date | null;
  dirjen_letter: string;
}

function read(row: Row): StoredApplication {
  const application = {
    applicationId: row.application_id,
    opd: row.opd,
    content: ApplicationContent.decode(row.content),
    state: row.state,
    rejection: row.rejection,
    submitTime: row.submitted_at,
    decideTime: row.decided_at ?? undefined,
    etag: row.revision.toString(),
    reviewRemarks: row.review_remarks,
    reviewTime: row.reviewed_at ?? undefined,
    dirjenLetter: row.dirjen_letter,
  };
  return { application, submitEvent: row.submit_event, rejectEvent: row.reject_event };
}

/** Takes in an application. Answers false when the OPD is not registered, and stores nothing. */
export async function insertApplication(
  client: PoolClient,
  application: { applicationId: string; opd: string; content: ApplicationContent; submitEvent: Buffer },
): Promise<boolean> {
  const { applicationId, opd, content, submitEvent } = application;
  const inserted = await client.query(
    `insert into applications (application_id, opd, content, state, submit_event)
     select $1, code, $3, $4, $5 from opd where code = $2`,
    [applicationId, opd, ApplicationContent.encode(content).finish(), ApplicationState.SUBMITTED, submitEvent],
  );
  return inserted.rowCount === 1;
}

/** One application within reach, or undefined; with 'for update' it stays locked until the transaction ends. */
export async function findApplication(
  db: Pool | PoolClient,
  reach: Reach,
  applicationId: string,
  lock: '' | 'for update' = '',
): Promise<StoredApplication | undefined> {
  const { rows } = await db.query<Row>(
    `select * from applications where application_id = $3 and ${withinReach('$1', '$2')} ${lock}`,
    [reach.scope, reach.opd, applicationId],
  );
  return rows[0] && read(rows[0]);
}

/** A page of applications within reach, newest first. */
export async function listApplications(
  pool: Pool,
  reach: Reach,
  state: ApplicationState,
  page: Page,
): Promise<{ items: Application[]; last: bigint | undefined }> {
  const source = { table: 'applications', bytes: 'octet_length(content)', condition: '($6::int = 0 or state = $6)' };
  const { rows, last } = await selectPage<Row>(pool, source, reach, page, state);
  return { items: rows.map((row) => read(row).application), last };
}

/** Moves an application on. ISSUING is not a decision yet: it has no time of decision. */
export async function setApplicationState(
  client: PoolClient,
  applicationId: string,
  state: ApplicationState,
  rejected?: { reason: string; event: Buffer },
): Promise<void> {
  await client.query(
    `update applications set state = $2::smallint, rejection = $3, reject_event = $4, revision = revision + 1,
       decided_at = case when $2::smallint = ${ApplicationState.ISSUING} then null else clock_timestamp() end
     where application_id = $1`,
    [applicationId, state, rejected?.reason ?? '', rejected?.event ?? null],
  );
}

/** Keeps Disdukcapil's review and moves the application on. */
export async function setReviewed(
  client: PoolClient,
  applicationId: string,
  state: ApplicationState,
  remarks: string,
): Promise<void> {
  await client.query(
    `update applications set state = $2, review_remarks = $3, reviewed_at = clock_timestamp(), revision = revision + 1
     where application_id = $1`,
    [applicationId, state, remarks],
  );
}

/** Replaces what is applied for and moves the application on; the last review's remarks stay readable. */
export async function setContent(
  client: PoolClient,
  applicationId: string,
  state: ApplicationState,
  content: ApplicationContent,
): Promise<void> {
  await client.query(
    'update applications set state = $2, content = $3, revision = revision + 1 where application_id = $1',
    [applicationId, state, ApplicationContent.encode(content).finish()],
  );
}

/** Keeps the number of the Dirjen's letter and moves the application on. */
export async function setApproved(
  client: PoolClient,
  applicationId: string,
  state: ApplicationState,
  dirjenLetter: string,
): Promise<void> {
  await client.query(
    'update applications set state = $2, dirjen_letter = $3, revision = revision + 1 where application_id = $1',
    [applicationId, state, dirjenLetter],
  );
}
