import {
  ReviewApplicationRequest,
  type ReviewApplicationResponse,
  ReviewOutcome,
} from '#gen/rangkiang/permit/v1/life_cycle.ts';
import type { CallContext } from '#mesh/server.ts';
import { stepApplication } from '../application-step.ts';
import type { PermitContext } from '../context.ts';
import { setReviewed } from '../store/applications.ts';

/** Keeps Disdukcapil's review of the application that it read. */
export function reviewApplication(context: PermitContext) {
  return async (request: ReviewApplicationRequest, call: CallContext): Promise<ReviewApplicationResponse> => {
    const isRecommended = request.outcome === ReviewOutcome.RECOMMENDED;
    const application = await stepApplication(context, call, {
      request,
      bytes: ReviewApplicationRequest.encode(request).finish(),
      transition: isRecommended ? 'REVIEW_RECOMMEND' : 'REVIEW_REQUEST_CHANGES',
      apply: (client, state) => setReviewed(client, request.applicationId, state, request.remarks),
    });
    return { application };
  };
}
