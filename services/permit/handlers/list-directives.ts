import type { ListDirectivesRequest, ListDirectivesResponse } from '#gen/rangkiang/permit/v1/directive.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from '../context.ts';
import { answerPage } from '../paging.ts';
import { listDirectives as select } from '../store/directives.ts';

/** Lists directives, newest first. */
export function listDirectives({ pool }: PermitContext) {
  return async (request: ListDirectivesRequest, call: CallContext): Promise<ListDirectivesResponse> => {
    const { includeLifted, pageSize, pageToken } = request;
    const listing = { state: includeLifted ? 1 : 0, opd: '', pageSize, pageToken };
    const { items, nextPageToken } = await answerPage(listing, call, (page) =>
      select(pool, call.grant, includeLifted, page),
    );
    return { directives: items, nextPageToken };
  };
}
