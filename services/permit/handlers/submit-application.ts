import { randomUUID } from 'node:crypto';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { SubmitApplicationRequest, type SubmitApplicationResponse } from '#gen/rangkiang/permit/v1/permit.ts';
import { methods } from '#mesh/contract.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import { changeRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { faultOf } from '../domain/application-content.ts';
import { findApplication, insertApplication } from '../store/applications.ts';
import { claimRequest } from '../store/requests.ts';

/** Takes in an application for the caller's own OPD. A repeated request answers the application that it made. */
export function submitApplication({ pool, relay }: PermitContext) {
  return async (request: SubmitApplicationRequest, call: CallContext): Promise<SubmitApplicationResponse> => {
    const { content, requestId } = request;
    if (!content) throw new MeshError('REQUEST_INVALID');
    const fault = faultOf(content, methods);
    if (fault) throw new MeshError('REQUEST_INVALID', { violations: [fault] });

    const stored = await inTransaction(pool, async (client) => {
      const { opd, callId } = call.grant;
      const { isFirst, subjectId } = await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: SubmitApplicationRequest.encode(request).finish(),
        subjectId: randomUUID(),
      });
      if (isFirst) {
        const application = { applicationId: subjectId, opd, content, submitEvent: callId };
        if (!(await insertApplication(client, application))) throw new MeshError('OPD_UNKNOWN');
        await relay.enqueue(client, changeRecord(call, { kind: Kind.APPLICATION }));
      }
      const found = await findApplication(client, call.grant, subjectId);
      if (!found) throw new MeshError('APPLICATION_NOT_FOUND');
      return found;
    });
    call.auditIndex = await relay.wait(stored.submitEvent, RECORD_WAIT_MS);
    return { application: stored.application };
  };
}
