import { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import {
  type Permit,
  PermitState,
  type RevocationReason,
  type SuspensionReason,
} from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitWarned } from '#gen/rangkiang/permit/v1/policy.ts';
import { payloadOf } from '../domain/signed-payload.ts';

/** A permit with what the service itself needs of it. */
export interface StoredPermit {
  readonly permit: Permit;
  /** Version of the policy from which it counts; null while its record is not committed. */
  readonly policyVersion: bigint | null;
  readonly issueEvent: Buffer;
  /** Record and version of its revocation; null when it was not revoked. */
  readonly revokeEvent: Buffer | null;
  readonly revokeVersion: bigint | null;
  /** Record and version of the suspension in force; null when there is none. */
  readonly suspendEvent: Buffer | null;
  readonly suspendVersion: bigint | null;
  /** From when on it owes. */
  readonly dutiesSince: Date;
  /** Bytes of the PermitWarned that brokers were told last, without the permit's id. */
  readonly lateDuties: Buffer;
}

/** A row of the table, with its state. */
export interface PermitRow {
  permit_id: string;
  jws: string;
  izin: Buffer;
  issue_event: Buffer;
  policy_version: bigint | null;
  revoke_event: Buffer | null;
  revoke_version: bigint | null;
  revocation_reason: RevocationReason;
  revoked_at: Date | null;
  state: PermitState;
  revision: bigint;
  suspension_id: string | null;
  suspend_event: Buffer | null;
  suspend_version: bigint | null;
  suspension_reason: SuspensionReason;
  suspension_remarks: string;
  suspended_at: Date | null;
  duties_since: Date;
  late_duties: Buffer;
  aktivasi_jws: string | null;
}

/** A permit's state, in SQL. What waits for its record; the table allows a pending renewal only of a permit that is not suspended. */
export const PERMIT_STATE = `case when revoke_version is not null then ${PermitState.REVOKED}
  when suspension_id is not null and pending_event is not null then ${PermitState.REINSTATING}
  when suspension_id is not null then ${PermitState.SUSPENDED}
  when pending_izin is not null then ${PermitState.RENEWING}
  when pending_event is not null then ${PermitState.ACTIVATING}
  when valid_until <= clock_timestamp() then ${PermitState.EXPIRED}
  when aktivasi_jws is null then ${PermitState.AWAITING_ACTIVATION} else ${PermitState.ACTIVE} end`;

/** A permit from its row. */
export function readPermit(row: PermitRow): StoredPermit {
  return {
    permit: {
      permitId: row.permit_id,
      izin: Izin.decode(row.izin),
      jws: row.jws,
      state: row.state,
      policyVersion: row.policy_version ?? 0n,
      revocationReason: row.revocation_reason,
      revokeTime: row.revoked_at ?? undefined,
      etag: row.revision.toString(),
      suspensionId: row.suspension_id ?? '',
      suspensionReason: row.suspension_reason,
      suspensionRemarks: row.suspension_remarks,
      suspendTime: row.suspended_at ?? undefined,
      lateDuties: PermitWarned.decode(row.late_duties).late,
      aktivasi: row.aktivasi_jws === null ? undefined : Aktivasi.fromJSON(payloadOf(row.aktivasi_jws)),
      aktivasiJws: row.aktivasi_jws ?? '',
    },
    policyVersion: row.policy_version,
    issueEvent: row.issue_event,
    revokeEvent: row.revoke_event,
    revokeVersion: row.revoke_version,
    suspendEvent: row.suspend_event,
    suspendVersion: row.suspend_version,
    dutiesSince: row.duties_since,
    lateDuties: row.late_duties,
  };
}
