import { RecordApprovalRequest, type RecordApprovalResponse } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import type { CallContext } from '#mesh/server.ts';
import { stepApplication } from '../application-step.ts';
import type { PermitContext } from '../context.ts';
import { setApproved } from '../store/applications.ts';

/** Keeps the number of the Dirjen's letter, which the Izin then must name. */
export function recordApproval(context: PermitContext) {
  return async (request: RecordApprovalRequest, call: CallContext): Promise<RecordApprovalResponse> => {
    const application = await stepApplication(context, call, {
      request,
      bytes: RecordApprovalRequest.encode(request).finish(),
      transition: 'RECORD_APPROVAL',
      apply: (client, state) => setApproved(client, request.applicationId, state, request.dirjenLetter),
    });
    return { application };
  };
}
