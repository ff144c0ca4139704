import type { ListEmergenciesRequest, ListEmergenciesResponse } from '#gen/rangkiang/permit/v1/emergency.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from '../context.ts';
import { answerPage } from '../paging.ts';
import { listEmergencies as select } from '../store/emergencies.ts';

/** Lists emergencies, newest first. */
export function listEmergencies({ pool }: PermitContext) {
  return async (request: ListEmergenciesRequest, call: CallContext): Promise<ListEmergenciesResponse> => {
    const { includeReviewed, pageSize, pageToken } = request;
    const listing = { state: includeReviewed ? 1 : 0, opd: '', pageSize, pageToken };
    const { items, nextPageToken } = await answerPage(listing, call, (page) =>
      select(pool, call.grant, includeReviewed, page),
    );
    return { emergencies: items, nextPageToken };
  };
}
