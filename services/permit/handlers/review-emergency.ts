import { randomBytes } from 'node:crypto';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import {
  EmergencyState,
  ReviewEmergencyRequest,
  type ReviewEmergencyResponse,
} from '#gen/rangkiang/permit/v1/emergency.ts';
import { personKeys, verifyReview } from '#mesh/emergency.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import { changeRecord, policyRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { changeBytes } from '../domain/change-bytes.ts';
import { findEmergency, setReview } from '../store/emergencies.ts';
import { findPermit } from '../store/permits.ts';
import { claimRequest } from '../store/requests.ts';

const REVIEWABLE: readonly EmergencyState[] = [EmergencyState.REVIEW_DUE, EmergencyState.REVIEW_LATE];

/**
 * Closes the review of an emergency that is over, by what one of the permit's persons signed. It lets the permit be
 * activated again, so it counts only when its record is committed (see `completeEmergency`).
 */
export function reviewEmergency({ pool, relay, ringPolicy }: PermitContext) {
  return async (request: ReviewEmergencyRequest, call: CallContext): Promise<ReviewEmergencyResponse> => {
    const { activationId, requestId, jws } = request;
    const event = await inTransaction(pool, async (client) => {
      const { opd, callId } = call.grant;
      await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: ReviewEmergencyRequest.encode(request).finish(),
        subjectId: activationId,
      });
      const stored = await findEmergency(client, activationId, 'for update');
      if (!stored) throw new MeshError('EMERGENCY_NOT_FOUND');
      if (stored.reviewEvent) return stored.reviewEvent;
      const { permitId, state } = stored.state;
      if (!REVIEWABLE.includes(state)) throw new MeshError('EMERGENCY_REVIEW_OPEN');
      const emergency = (await findPermit(client, call.grant, permitId))?.permit.izin?.emergency;
      if (!emergency) throw new MeshError('EMERGENCY_NOT_FOUND');
      const review = await verifyReview(jws, personKeys(emergency));
      if (review.permitId !== permitId || review.activationId !== activationId) throw new MeshError('EMERGENCY_UNFIT');

      await setReview(client, activationId, { jws, remarks: review.remarks, event: callId });
      const change = changeBytes({ $case: 'emergencyReviewed', value: { permitId, jws } });
      await relay.enqueue(client, policyRecord(call, change, stored.activateEvent));
      const facts = { kind: Kind.EMERGENCY_REVIEWED, eventId: randomBytes(16), refersTo: callId };
      await relay.enqueue(client, changeRecord(call, { ...facts, emergency: activationId }));
      return callId;
    });

    call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
    ringPolicy();
    return { emergency: (await findEmergency(pool, activationId))?.state };
  };
}
