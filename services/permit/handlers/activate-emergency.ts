import { randomBytes } from 'node:crypto';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { ActivateEmergencyRequest, type ActivateEmergencyResponse } from '#gen/rangkiang/permit/v1/emergency.ts';
import { PermitState } from '#gen/rangkiang/permit/v1/permit.ts';
import { personKeys, verifyActivation } from '#mesh/emergency.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import { changeRecord, policyRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { changeBytes } from '../domain/change-bytes.ts';
import { permitState } from '../domain/state-name.ts';
import { findByActivateEvent, insertEmergency, isBlocked } from '../store/emergencies.ts';
import { findPermit } from '../store/permits.ts';
import { claimRequest } from '../store/requests.ts';

/**
 * Activates an emergency permit by what two of its persons signed. It widens what is allowed, so it counts only when its
 * record is committed (see `completeEmergency`); beside that record stands one of a kind of its own, for who watches.
 */
export function activateEmergency({ pool, relay, ringPolicy }: PermitContext) {
  return async (request: ActivateEmergencyRequest, call: CallContext): Promise<ActivateEmergencyResponse> => {
    const { permitId, requestId, jws } = request;
    const event = await inTransaction(pool, async (client) => {
      const { opd, callId } = call.grant;
      const { isFirst, event: earlier } = await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: ActivateEmergencyRequest.encode(request).finish(),
        subjectId: permitId,
        event: callId,
      });
      const stored = await findPermit(client, call.grant, permitId, 'for update');
      if (!stored?.permit.izin) throw new MeshError('PERMIT_NOT_FOUND');
      if (!isFirst && earlier) return earlier;
      const { izin, state } = stored.permit;
      if (stored.policyVersion === null || state !== PermitState.ACTIVE) {
        throw new MeshError('STATE_CONFLICT', { values: { state: permitState(state) } });
      }
      if (!izin.emergency) throw new MeshError('EMERGENCY_UNFIT');
      const { activation, untilMs } = await verifyActivation(jws, izin, personKeys(izin.emergency));
      if (untilMs <= Date.now()) throw new MeshError('EMERGENCY_UNFIT');
      if (await isBlocked(client, activation)) throw new MeshError('EMERGENCY_REVIEW_OPEN');

      await insertEmergency(client, activation, { opd: izin.opd, jws, event: callId });
      const change = changeBytes({ $case: 'emergencyActivated', value: { permitId, jws } });
      const { activationId: emergency } = activation;
      await relay.enqueue(client, policyRecord(call, change, stored.issueEvent));
      const eventId = randomBytes(16);
      await relay.enqueue(
        client,
        changeRecord(call, { kind: Kind.EMERGENCY_ACTIVATED, eventId, refersTo: callId, emergency }),
      );
      return callId;
    });

    call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
    ringPolicy();
    return { emergency: (await findByActivateEvent(pool, event))?.state };
  };
}
