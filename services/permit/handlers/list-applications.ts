import type { ListApplicationsRequest, ListApplicationsResponse } from '#gen/rangkiang/permit/v1/permit.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from '../context.ts';
import { answerPage } from '../paging.ts';
import { listApplications as select } from '../store/applications.ts';

/** Lists applications within the caller's scope, newest first. */
export function listApplications({ pool }: PermitContext) {
  return async (request: ListApplicationsRequest, call: CallContext): Promise<ListApplicationsResponse> => {
    const { items, nextPageToken } = await answerPage(request, call, (page) =>
      select(pool, call.grant, request.state, page),
    );
    return { applications: items, nextPageToken };
  };
}
