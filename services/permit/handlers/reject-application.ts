import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { RejectApplicationRequest, type RejectApplicationResponse } from '#gen/rangkiang/permit/v1/permit.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import { changeRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { applicationState, applicationStateNumber } from '../domain/state-name.ts';
import { findApplication, setApplicationState } from '../store/applications.ts';
import { claimRequest } from '../store/requests.ts';
import { advance, checkEtag } from '../transition.ts';

/** Rejects an application that was not decided. A repeated request answers the application as it stands. */
export function rejectApplication({ pool, relay, regime }: PermitContext) {
  return async (request: RejectApplicationRequest, call: CallContext): Promise<RejectApplicationResponse> => {
    const { applicationId, requestId, reason, etag } = request;
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

      checkEtag(etag, stored.application);
      const next = advance(regime, applicationState(stored.application.state), 'REJECT');
      const { callId } = call.grant;
      await setApplicationState(client, applicationId, applicationStateNumber(next), { reason, event: callId });
      await relay.enqueue(client, changeRecord(call, { kind: Kind.APPLICATION, refersTo: stored.submitEvent }));
      return callId;
    });
    call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
    const stored = await findApplication(pool, call.grant, applicationId);
    return { application: stored?.application };
  };
}
