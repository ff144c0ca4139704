import { DutyState, ReviewHandInRequest, type ReviewHandInResponse } from '#gen/rangkiang/permit/v1/duty.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from '../context.ts';
import { stepDuty } from '../duty-step.ts';
import { setReviewedHandIn } from '../store/hand-ins.ts';

/** Keeps what Disdukcapil says of what was handed in. */
export function reviewHandIn(context: PermitContext) {
  return async (request: ReviewHandInRequest, call: CallContext): Promise<ReviewHandInResponse> => {
    const { outcome, remarks } = request;
    const duty = await stepDuty(context, call, {
      request,
      bytes: ReviewHandInRequest.encode(request).finish(),
      from: [DutyState.HANDED_IN],
      apply: (client, at) => setReviewedHandIn(client, request, { outcome, remarks, at }),
    });
    return { duty };
  };
}
