import { DutyState, HandInRequest, type HandInResponse } from '#gen/rangkiang/permit/v1/duty.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from '../context.ts';
import { stepDuty } from '../duty-step.ts';
import { insertHandIn } from '../store/hand-ins.ts';

/** Takes in what an OPD owes. */
export function handIn(context: PermitContext) {
  return async (request: HandInRequest, call: CallContext): Promise<HandInResponse> => {
    const { reference, summary } = request;
    const duty = await stepDuty(context, call, {
      request,
      bytes: HandInRequest.encode(request).finish(),
      from: [DutyState.DUE, DutyState.LATE, DutyState.OVERDUE],
      apply: (client, at) => insertHandIn(client, request, { reference, summary, at }),
    });
    return { duty };
  };
}
