import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { RejectApplicationRequest, type RejectApplicationResponse } from '#gen/rangkiang/permit/v1/permit.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import { changeRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { nextState, stateName } from '../domain/application-state.ts';
import { findApplication, setApplicationState } from '../store/applications.ts';
import { claimRequest } from '../store/requests.ts';

/** Rejects an application that waits for the Walikota. A repeated request answers the application as it stands. */
export function rejectApplication({ pool, relay }: PermitContext) {
  return async (request: RejectApplicationRequest, call: CallContext): Promise<RejectApplicationResponse> => {
    const { applicationId, requestId, reason } = request;
    const event = await inTransaction(pool, async (client) => {
      const { isFirst } = await claimRequest(client, {
        opd: call.grant.opd,
        requestId,
        method: call.method.path,
        request: RejectApplicationRequest.encode(request).finish(),
        subjectId: applicationId,
      });
      const stored = await findApplication(client, call.grant, applicationId, 'for update');
      if (!stored) throw new MeshError('APPLICATION_NOT_FOUND');
      if (!isFirst && stored.rejectEvent) return stored.rejectEvent;

      const { state } = stored.application;
      const next = nextState(state, 'REJECT');
      if (next === undefined) throw new MeshError('STATE_CONFLICT', { values: { state: stateName(state) } });
      const { callId } = call.grant;
      await setApplicationState(client, applicationId, next, { reason, event: callId });
      await relay.enqueue(client, changeRecord(call, { kind: Kind.APPLICATION, refersTo: stored.submitEvent }));
      return callId;
    });
    call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
    const stored = await findApplication(pool, call.grant, applicationId);
    return { application: stored?.application };
  };
}
