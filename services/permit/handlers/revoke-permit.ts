import { RevokePermitRequest, type RevokePermitResponse } from '#gen/rangkiang/permit/v1/permit.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction, type PoolClient } from '#mesh/sql.ts';
import type { PermitContext } from '../context.ts';
import { permitState } from '../domain/state-name.ts';
import { answerNarrowing, type CommittedNarrowing, narrow } from '../narrowing.ts';
import type { StoredPermit } from '../store/permit-row.ts';
import { findPermit, setRevoked } from '../store/permits.ts';
import { claimRequest } from '../store/requests.ts';
import { advance, checkEtag } from '../transition.ts';

/**
 * Revokes a permit. It narrows what is allowed, so it counts from its commit on, record or no record. Answers when no
 * broker acts on the policy before it; a repeated request, and one for a permit that was revoked before, waits for
 * the same.
 */
export function revokePermit(context: PermitContext) {
  const { pool, regime } = context;
  return async (request: RevokePermitRequest, call: CallContext): Promise<RevokePermitResponse> => {
    const { version, event } = await inTransaction(pool, async (client) => {
      await claimRequest(client, {
        opd: call.grant.opd,
        requestId: request.requestId,
        method: call.method.path,
        request: RevokePermitRequest.encode(request).finish(),
        subjectId: request.permitId,
      });
      const stored = await findPermit(client, call.grant, request.permitId, 'for update');
      if (!stored) throw new MeshError('PERMIT_NOT_FOUND');
      if (stored.policyVersion === null) {
        throw new MeshError('STATE_CONFLICT', { values: { state: 'ISSUING' } });
      }
      if (stored.revokeVersion !== null && stored.revokeEvent !== null) {
        return { version: stored.revokeVersion, event: stored.revokeEvent };
      }
      checkEtag(request.etag, stored.permit);
      advance(regime, permitState(stored.permit.state), 'REVOKE');
      return revoke(client, context, request, call, stored);
    });

    return answerNarrowing(context, call, { permitId: request.permitId, version, event });
  };
}

/** Changes the policy and keeps the record, in the caller's transaction. */
async function revoke(
  client: PoolClient,
  context: PermitContext,
  { permitId, reason }: RevokePermitRequest,
  call: CallContext,
  { issueEvent }: StoredPermit,
): Promise<CommittedNarrowing> {
  const change = { $case: 'permitRevoked', value: { permitId, reason } } as const;
  const revoked = await narrow(client, context, call, change, issueEvent);
  await setRevoked(client, permitId, { ...revoked, reason });
  return revoked;
}
