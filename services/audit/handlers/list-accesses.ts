import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { ListAccessesRequest, ListAccessesResponse } from '#gen/rangkiang/audit/v1/subject.ts';
import type { CallContext } from '#mesh/server.ts';
import { type AccessParts, listAccesses as list } from '../domain/list-accesses.ts';
import { requireEveryResident } from '../domain/require-every-resident.ts';

/** ListAccesses and ListAccessesAtCounter. Whoever asks leaves a record that concerns the resident as any other look does. */
export function listAccesses(parts: AccessParts) {
  return async (request: ListAccessesRequest, call: CallContext): Promise<ListAccessesResponse> => {
    requireEveryResident(call.grant);
    const page = await list(parts, request, Date.now());
    Object.assign(call.record, { kind: Kind.DISCLOSED, rows: page.accesses.length, subjects: [request.nik] });
    return page;
  };
}
