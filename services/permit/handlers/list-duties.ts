import { DutyState, type ListDutiesRequest, type ListDutiesResponse } from '#gen/rangkiang/permit/v1/duty.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from '../context.ts';
import { answerPage } from '../paging.ts';
import { readDuties } from '../permit-duties.ts';
import { listOwing } from '../store/owing-permits.ts';
import { findPermit } from '../store/permits.ts';

/** Lists duties as they stand today, of one permit or permit by permit, within the caller's scope. */
export function listDuties(context: PermitContext) {
  const { pool } = context;
  return async (request: ListDutiesRequest, call: CallContext): Promise<ListDutiesResponse> => {
    const { permitId, state } = request;
    const isAsked = (found: DutyState) =>
      state === DutyState.UNSPECIFIED ? found !== DutyState.CONFIRMED : found === state;
    const { items, nextPageToken } = await answerPage(request, call, async (page) => {
      if (permitId === '') return listOwing(pool, call.grant, page);
      const stored = await findPermit(pool, call.grant, permitId);
      return { items: stored ? [stored] : [], last: undefined };
    });
    const duties = (await readDuties(pool, context, items)).map(({ duty }) => duty);
    return { duties: duties.filter((duty) => isAsked(duty.state)), nextPageToken };
  };
}
