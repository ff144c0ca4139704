import { ActivatePermitRequest, type ActivatePermitResponse } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { MeshError } from '#mesh/errors.ts';
import { izinDigest, verifyAktivasi } from '#mesh/izin.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import { policyRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { aktivasiMisfit } from '../domain/aktivasi-fit.ts';
import { changeBytes } from '../domain/change-bytes.ts';
import { permitState } from '../domain/state-name.ts';
import { findPermit, setPending } from '../store/permits.ts';
import { claimRequest } from '../store/requests.ts';
import { signersNow } from '../store/signing-keys.ts';
import { advance, checkEtag } from '../transition.ts';

/**
 * Activates a permit with the signed document that names its Izin byte for byte. It widens what is allowed, so it counts only
 * when its record is committed (see `completeIssue`). While the audit service is away this answers AUDIT_UNAVAILABLE; the
 * same request again waits for the same.
 */
export function activatePermit({ pool, relay, ringPolicy, pinned, regime }: PermitContext) {
  return async (request: ActivatePermitRequest, call: CallContext): Promise<ActivatePermitResponse> => {
    const { permitId, requestId, etag, jws } = request;
    const aktivasi = await verifyAktivasi(jws, await signersNow(pool, pinned));

    const event = await inTransaction(pool, async (client) => {
      const { opd, callId } = call.grant;
      const { isFirst, event: earlier } = await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: ActivatePermitRequest.encode(request).finish(),
        subjectId: permitId,
        event: callId,
      });
      const stored = await findPermit(client, call.grant, permitId, 'for update');
      if (!stored) throw new MeshError('PERMIT_NOT_FOUND');
      if (!isFirst && earlier) return earlier;
      const { permit, policyVersion, issueEvent } = stored;
      if (policyVersion === null) throw new MeshError('STATE_CONFLICT', { values: { state: 'ISSUING' } });
      checkEtag(etag, permit);
      advance(regime, permitState(permit.state), 'ACTIVATE');
      const field = aktivasiMisfit(aktivasi, permit.izin, izinDigest(permit.jws), regime);
      if (field) throw new MeshError('DOCUMENT_MISMATCH', { values: { field } });
      const change = changeBytes({ $case: 'permitActivated', value: { jws } });
      await relay.enqueue(client, policyRecord(call, change, issueEvent));
      await setPending(client, permitId, { event: callId, jws });
      return callId;
    });

    call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
    ringPolicy();
    const stored = await findPermit(pool, call.grant, permitId);
    return { permit: stored?.permit };
  };
}
