import type { GetApplicationRequest, GetApplicationResponse } from '#gen/rangkiang/permit/v1/permit.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from '../context.ts';
import { findApplication } from '../store/applications.ts';

/** Shows one application within the caller's scope. */
export function getApplication({ pool }: PermitContext) {
  return async (request: GetApplicationRequest, call: CallContext): Promise<GetApplicationResponse> => {
    const stored = await findApplication(pool, call.grant, request.applicationId);
    if (!stored) throw new MeshError('APPLICATION_NOT_FOUND');
    return { application: stored.application };
  };
}
