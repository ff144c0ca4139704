import { IssuePermitRequest, type IssuePermitResponse } from '#gen/rangkiang/permit/v1/permit.ts';
import { methods } from '#mesh/contract.ts';
import { MeshError } from '#mesh/errors.ts';
import { verifyIzin } from '#mesh/izin.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import { policyRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { changeBytes } from '../domain/change-bytes.ts';
import { misfit } from '../domain/izin-fit.ts';
import { applicationState, applicationStateNumber } from '../domain/state-name.ts';
import { findApplication, setApplicationState } from '../store/applications.ts';
import { findPermit, insertPermit } from '../store/permits.ts';
import { claimRequest } from '../store/requests.ts';
import { signersNow } from '../store/signing-keys.ts';
import { advance, checkEtag } from '../transition.ts';

/**
 * Grants an application with the Izin that the Walikota signed. It leads to what widens, so it stands only when its
 * record is committed: the first transaction keeps it with its record (ISSUING), the relay appends the record, and the
 * transaction that marks it lets the permit stand (ISSUED, see `completeIssue`). While the audit service is away this
 * answers AUDIT_UNAVAILABLE; the same request again waits for the same permit.
 */
export function issuePermit({ pool, relay, ringPolicy, pinned, regime }: PermitContext) {
  return async (request: IssuePermitRequest, call: CallContext): Promise<IssuePermitResponse> => {
    const { applicationId, requestId, jws, etag } = request;
    const { izin, bytes: izinBytes } = await verifyIzin(jws, await signersNow(pool, pinned));

    const issueEvent = await inTransaction(pool, async (client) => {
      const { isFirst } = await claimRequest(client, {
        opd: call.grant.opd,
        requestId,
        method: call.method.path,
        request: IssuePermitRequest.encode(request).finish(),
        subjectId: applicationId,
      });
      const stored = await findApplication(client, call.grant, applicationId, 'for update');
      if (!stored) throw new MeshError('APPLICATION_NOT_FOUND');
      const earlier = isFirst ? undefined : await findPermit(client, call.grant, applicationId);
      if (earlier) return earlier.issueEvent;

      const { application, submitEvent } = stored;
      checkEtag(etag, application);
      const next = advance(regime, applicationState(application.state), 'ISSUE');
      const field = misfit(izin, application, methods);
      if (field) throw new MeshError('DOCUMENT_MISMATCH', { values: { field } });

      const { callId } = call.grant;
      await insertPermit(client, { izin, izinBytes, jws, issueEvent: callId });
      await setApplicationState(client, applicationId, applicationStateNumber(next));
      const change = changeBytes({ $case: 'permitIssued', value: { jws, aktivasiJws: '' } });
      await relay.enqueue(client, policyRecord(call, change, submitEvent));
      return callId;
    });

    call.auditIndex = await relay.wait(issueEvent, RECORD_WAIT_MS);
    ringPolicy();
    const stored = await findPermit(pool, call.grant, applicationId);
    return { permit: stored?.permit };
  };
}
