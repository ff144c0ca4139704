import { randomUUID } from 'node:crypto';
import { SuspendPermitRequest, type SuspendPermitResponse } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { PermitState } from '#gen/rangkiang/permit/v1/permit.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import type { PermitContext } from '../context.ts';
import { permitState } from '../domain/state-name.ts';
import { answerNarrowing, narrow } from '../narrowing.ts';
import { findPermit, setSuspended } from '../store/permits.ts';
import { claimRequest } from '../store/requests.ts';
import { advance, checkEtag } from '../transition.ts';

/**
 * Suspends a permit. It counts from its commit on, record or no record, and ends a reinstatement or renewal that is
 * signed but not recorded. Answers when no broker acts on the policy before it; a repeated request, and one for a permit
 * that is suspended already, waits for the same.
 */
export function suspendPermit(context: PermitContext) {
  const { pool, regime } = context;
  return async (request: SuspendPermitRequest, call: CallContext): Promise<SuspendPermitResponse> => {
    const { permitId, requestId, etag, reason, remarks } = request;
    const change = await inTransaction(pool, async (client) => {
      const { opd, callId } = call.grant;
      const { isFirst, event: earlier } = await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: SuspendPermitRequest.encode(request).finish(),
        subjectId: permitId,
        event: callId,
      });
      const stored = await findPermit(client, call.grant, permitId, 'for update');
      if (!stored) throw new MeshError('PERMIT_NOT_FOUND');
      const { permit, policyVersion, suspendVersion, suspendEvent, issueEvent } = stored;
      if (policyVersion === null) throw new MeshError('STATE_CONFLICT', { values: { state: 'ISSUING' } });
      if (permit.state === PermitState.SUSPENDED && suspendVersion !== null && suspendEvent !== null) {
        return { permitId, version: suspendVersion, event: suspendEvent };
      }
      // Repeated after the suspension was lifted: the policy has gone on since, so the version in force covers it.
      if (!isFirst && earlier) return { permitId, version: policyVersion, event: earlier };
      checkEtag(etag, permit);
      advance(regime, permitState(permit.state), 'SUSPEND');

      const suspensionId = randomUUID();
      const value = { permitId, suspensionId, reason };
      const suspended = await narrow(client, context, call, { $case: 'permitSuspended', value }, issueEvent);
      await setSuspended(client, permitId, { id: suspensionId, ...suspended, reason, remarks });
      return { permitId, ...suspended };
    });
    return answerNarrowing(context, call, change);
  };
}
