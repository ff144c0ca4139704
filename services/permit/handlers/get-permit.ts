import type { GetPermitRequest, GetPermitResponse } from '#gen/rangkiang/permit/v1/permit.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from '../context.ts';
import { findPermit } from '../store/permits.ts';

/** Shows one permit within the caller's scope, once it counts. */
export function getPermit({ pool }: PermitContext) {
  return async (request: GetPermitRequest, call: CallContext): Promise<GetPermitResponse> => {
    const stored = await findPermit(pool, call.grant, request.permitId);
    if (!stored || stored.policyVersion === null) throw new MeshError('PERMIT_NOT_FOUND');
    return { permit: stored.permit };
  };
}
