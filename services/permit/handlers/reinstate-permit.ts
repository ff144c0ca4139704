import { ReinstatePermitRequest, type ReinstatePermitResponse } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { MeshError } from '#mesh/errors.ts';
import { verifyPemulihan } from '#mesh/izin.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import { policyRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { changeBytes } from '../domain/change-bytes.ts';
import { permitState } from '../domain/state-name.ts';
import { readDuties, refuseWhileMissed } from '../permit-duties.ts';
import { findPermit, setPending } from '../store/permits.ts';
import { claimRequest } from '../store/requests.ts';
import { signersNow } from '../store/signing-keys.ts';
import { advance, checkEtag } from '../transition.ts';

/**
 * Lifts the suspension that the signed document names. It widens what is allowed, so it counts only when its record is
 * committed (see `completeIssue`). While the audit service is away this answers AUDIT_UNAVAILABLE; the same request again
 * waits for the same.
 */
export function reinstatePermit(context: PermitContext) {
  const { pool, relay, ringPolicy, pinned, regime } = context;
  return async (request: ReinstatePermitRequest, call: CallContext): Promise<ReinstatePermitResponse> => {
    const { permitId, requestId, etag, jws } = request;
    const pemulihan = await verifyPemulihan(jws, await signersNow(pool, pinned));
    if (pemulihan.permitId !== permitId) throw new MeshError('DOCUMENT_MISMATCH', { values: { field: 'permit_id' } });

    const event = await inTransaction(pool, async (client) => {
      const { opd, callId } = call.grant;
      const { isFirst, event: earlier } = await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: ReinstatePermitRequest.encode(request).finish(),
        subjectId: permitId,
        event: callId,
      });
      const stored = await findPermit(client, call.grant, permitId, 'for update');
      if (!stored) throw new MeshError('PERMIT_NOT_FOUND');
      if (!isFirst && earlier) return earlier;
      checkEtag(etag, stored.permit);
      advance(regime, permitState(stored.permit.state), 'REINSTATE');
      if (pemulihan.suspensionId !== stored.permit.suspensionId) {
        throw new MeshError('DOCUMENT_MISMATCH', { values: { field: 'suspension_id' } });
      }
      refuseWhileMissed(await readDuties(client, context, [stored]));
      const change = changeBytes({ $case: 'permitReinstated', value: { jws } });
      await relay.enqueue(client, policyRecord(call, change, stored.suspendEvent ?? stored.issueEvent));
      await setPending(client, permitId, { event: callId, jws });
      return callId;
    });

    call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
    ringPolicy();
    const stored = await findPermit(pool, call.grant, permitId);
    return { permit: stored?.permit };
  };
}
