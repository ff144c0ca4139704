import { LiftRequest, type LiftResponse } from '#gen/rangkiang/permit/v1/directive.ts';
import { MeshError } from '#mesh/errors.ts';
import { isSameTarget, verifyLiftOrder } from '#mesh/lift-order.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import { policyRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { changeBytes } from '../domain/change-bytes.ts';
import { findDirective, setLiftOrder } from '../store/directives.ts';
import { claimRequest } from '../store/requests.ts';
import { signersNow } from '../store/signing-keys.ts';

/**
 * Lifts a freeze by the order that the Walikota signed. It widens what is allowed, so it enters the policy only when its
 * record is committed (see `completeLift`). While the audit service is away this answers AUDIT_UNAVAILABLE and the freeze
 * holds; the same request again, or any for the same directive, waits for the same record.
 */
export function lift({ pool, relay, ringPolicy, pinned }: PermitContext) {
  return async (request: LiftRequest, call: CallContext): Promise<LiftResponse> => {
    const { jws, requestId } = request;
    const { directiveId, target } = await verifyLiftOrder(jws, await signersNow(pool, pinned));

    const event = await inTransaction(pool, async (client) => {
      await claimRequest(client, {
        opd: call.grant.opd,
        requestId,
        method: call.method.path,
        request: LiftRequest.encode(request).finish(),
        subjectId: directiveId,
      });
      const stored = await findDirective(client, directiveId, 'for update');
      if (!stored) throw new MeshError('DIRECTIVE_NOT_FOUND');
      if (stored.liftEvent) return stored.liftEvent;
      if (!isSameTarget(stored.state.directive?.target, target)) {
        throw new MeshError('DOCUMENT_MISMATCH', { values: { field: 'target' } });
      }
      const { callId } = call.grant;
      await setLiftOrder(client, directiveId, { jws, event: callId });
      const change = changeBytes({ $case: 'lifted', value: { jws } });
      await relay.enqueue(client, policyRecord(call, change, stored.freezeEvent));
      return callId;
    });

    call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
    ringPolicy();
    return { directive: (await findDirective(pool, directiveId))?.state };
  };
}
