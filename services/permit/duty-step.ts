import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type Duty, DutyState } from '#gen/rangkiang/permit/v1/duty.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction, type Pool, type PoolClient } from '#mesh/sql.ts';
import { changeRecord, RECORD_WAIT_MS } from './change-record.ts';
import type { PermitContext } from './context.ts';
import { enforceDuties } from './enforce-duties.ts';
import { readDuties } from './permit-duties.ts';
import type { DutyKey } from './store/hand-ins.ts';
import type { StoredPermit } from './store/permit-row.ts';
import { findPermit } from './store/permits.ts';
import { claimRequest } from './store/requests.ts';
import { checkEtag } from './transition.ts';

/** A step of a duty. */
interface DutyStep {
  readonly request: DutyKey & { readonly requestId: string; readonly etag: string };
  /** The request's bytes, by which a repetition is told from another request. */
  readonly bytes: Uint8Array;
  /** Where the duty must stand. */
  readonly from: readonly DutyState[];
  /** Stores what the step brings, at this moment. */
  apply(client: PoolClient, at: Date): Promise<void>;
}

const stateNames = new Map<number, string>(Object.entries(DutyState).map(([name, number]) => [number, name]));

/**
 * Takes a duty one step on, with its record, and tells the brokers if it is late no longer; a repeated request answers the
 * duty as it stands. Throws PERMIT_NOT_FOUND, DUTY_NOT_FOUND, ETAG_MISMATCH or STATE_CONFLICT.
 */
export async function stepDuty(
  context: PermitContext,
  call: CallContext,
  { request, bytes, from, apply }: DutyStep,
): Promise<Duty> {
  const { pool, relay, ringPolicy, now } = context;
  const { permitId, requestId, etag } = request;
  const event = await inTransaction(pool, async (client) => {
    const { opd, callId } = call.grant;
    const claim = { opd, requestId, method: call.method.path, request: bytes, subjectId: permitId, event: callId };
    const { isFirst, event: earlier } = await claimRequest(client, claim);
    const stored = await findPermit(client, call.grant, permitId, 'for update');
    if (!isFirst && earlier) return earlier;
    const duty = await findDuty(client, context, stored, request);
    checkEtag(etag, duty);
    if (!from.includes(duty.state)) {
      throw new MeshError('STATE_CONFLICT', { values: { state: stateNames.get(duty.state) ?? '' } });
    }
    await apply(client, await now());
    await relay.enqueue(client, changeRecord(call, { kind: Kind.DUTY, refersTo: stored?.issueEvent }));
    if (stored) await enforceDuties(client, context, stored);
    return callId;
  });
  ringPolicy();
  call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
  return findDuty(pool, context, await findPermit(pool, call.grant, permitId), request);
}

async function findDuty(
  db: Pool | PoolClient,
  context: PermitContext,
  stored: StoredPermit | undefined,
  { kind, period }: DutyKey,
): Promise<Duty> {
  if (!stored || stored.policyVersion === null) throw new MeshError('PERMIT_NOT_FOUND');
  const duties = await readDuties(db, context, [stored]);
  const found = duties.find(({ duty }) => duty.kind === kind && duty.period === period);
  if (!found) throw new MeshError('DUTY_NOT_FOUND');
  return found.duty;
}
