import { ResubmitApplicationRequest, type ResubmitApplicationResponse } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { methods } from '#mesh/contract.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { stepApplication } from '../application-step.ts';
import type { PermitContext } from '../context.ts';
import { faultOf } from '../domain/application-content.ts';
import { setContent } from '../store/applications.ts';

/** Takes in what the OPD changed after Disdukcapil asked for it. */
export function resubmitApplication(context: PermitContext) {
  return async (request: ResubmitApplicationRequest, call: CallContext): Promise<ResubmitApplicationResponse> => {
    const { content } = request;
    if (!content) throw new MeshError('REQUEST_INVALID');
    const fault = faultOf(content, methods);
    if (fault) throw new MeshError('REQUEST_INVALID', { violations: [fault] });
    const application = await stepApplication(context, call, {
      request,
      bytes: ResubmitApplicationRequest.encode(request).finish(),
      transition: 'RESUBMIT',
      apply: (client, state) => setContent(client, request.applicationId, state, content),
    });
    return { application };
  };
}
