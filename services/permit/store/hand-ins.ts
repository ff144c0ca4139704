import type { HandedIn, HandInOutcome } from '#gen/rangkiang/permit/v1/duty.ts';
import type { Pool, PoolClient } from '#mesh/sql.ts';

/** Something handed in, and for which duty. */
export interface StoredHandIn {
  readonly permitId: string;
  readonly kind: string;
  readonly period: string;
  readonly handedIn: HandedIn & { readonly handInTime: Date };
}

interface Row {
  permit_id: string;
  kind: string;
  period: string;
  reference: string;
  summary: string;
  handed_in_at: Date;
  outcome: HandInOutcome;
  remarks: string;
  reviewed_at: Date | null;
}

/** All that was ever handed in for some permits, in order. */
export async function findHandIns(db: Pool | PoolClient, permitIds: readonly string[]): Promise<StoredHandIn[]> {
  const { rows } = await db.query<Row>('select * from hand_ins where permit_id = any($1) order by number', [permitIds]);
  return rows.map((row) => ({
    permitId: row.permit_id,
    kind: row.kind,
    period: row.period,
    handedIn: {
      reference: row.reference,
      summary: row.summary,
      handInTime: row.handed_in_at,
      outcome: row.outcome,
      remarks: row.remarks,
      reviewTime: row.reviewed_at ?? undefined,
    },
  }));
}

/** Which duty of which permit. */
export interface DutyKey {
  readonly permitId: string;
  readonly kind: string;
  readonly period: string;
}

/** Keeps what was handed in. */
export async function insertHandIn(
  client: PoolClient,
  { permitId, kind, period }: DutyKey,
  { reference, summary, at }: { reference: string; summary: string; at: Date },
): Promise<void> {
  await client.query(
    'insert into hand_ins (permit_id, kind, period, reference, summary, handed_in_at) values ($1, $2, $3, $4, $5, $6)',
    [permitId, kind, period, reference, summary, at],
  );
}

/** Keeps what Disdukcapil said of what waits for it. */
export async function setReviewedHandIn(
  client: PoolClient,
  { permitId, kind, period }: DutyKey,
  { outcome, remarks, at }: { outcome: HandInOutcome; remarks: string; at: Date },
): Promise<void> {
  await client.query(
    `update hand_ins set outcome = $4, remarks = $5, reviewed_at = $6
     where permit_id = $1 and kind = $2 and period = $3 and outcome = 0`,
    [permitId, kind, period, outcome, remarks, at],
  );
}
