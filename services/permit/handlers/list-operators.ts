import type { ListOperatorsRequest, ListOperatorsResponse } from '#gen/rangkiang/permit/v1/operator.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from '../context.ts';
import { answerPage } from '../paging.ts';
import { listOperatorEntries } from '../store/operators.ts';

/** Lists keys and withdrawn operators within the caller's scope, newest first. */
export function listOperators({ pool }: PermitContext) {
  return async (request: ListOperatorsRequest, call: CallContext): Promise<ListOperatorsResponse> => {
    const { items, nextPageToken } = await answerPage({ ...request, state: 0, opd: '' }, call, (page) =>
      listOperatorEntries(pool, call.grant, page),
    );
    return { entries: items, nextPageToken };
  };
}
