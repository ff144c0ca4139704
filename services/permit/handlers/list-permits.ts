import type { ListPermitsRequest, ListPermitsResponse } from '#gen/rangkiang/permit/v1/permit.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from '../context.ts';
import { answerPage } from '../paging.ts';
import { listPermits as select } from '../store/permits.ts';

/** Lists permits within the caller's scope, newest first. */
export function listPermits({ pool }: PermitContext) {
  return async (request: ListPermitsRequest, call: CallContext): Promise<ListPermitsResponse> => {
    const { items, nextPageToken } = await answerPage(request, call, (page) =>
      select(pool, call.grant, request.state, page),
    );
    return { permits: items, nextPageToken };
  };
}
