import type { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { RenewPermitRequest, type RenewPermitResponse } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { PermitState } from '#gen/rangkiang/permit/v1/permit.ts';
import { methods } from '#mesh/contract.ts';
import { MeshError } from '#mesh/errors.ts';
import { izinDigest, verifyAktivasi, verifyIzin } from '#mesh/izin.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction, type PoolClient } from '#mesh/sql.ts';
import { policyRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { activatesNoMore, aktivasiMisfit } from '../domain/aktivasi-fit.ts';
import { changeBytes } from '../domain/change-bytes.ts';
import { misfit } from '../domain/izin-fit.ts';
import { permitState } from '../domain/state-name.ts';
import { widening } from '../domain/widening.ts';
import { answerNarrowing, narrow } from '../narrowing.ts';
import { readDuties, refuseWhileMissed } from '../permit-duties.ts';
import { findApplication } from '../store/applications.ts';
import type { StoredPermit } from '../store/permit-row.ts';
import { findPermit, setPending, setRenewed } from '../store/permits.ts';
import { claimRequest } from '../store/requests.ts';
import { requireSignerInForce, signersNow } from '../store/signing-keys.ts';
import { advance, checkEtag } from '../transition.ts';

/**
 * Puts a new version of a permit's Izin, with its Aktivasi, in the place of the one in force. What widens nothing counts from its commit on,
 * like a revocation; anything else once its record is committed (see `completeIssue`), and until then the older version
 * stands. Answers when no broker acts on the older one.
 */
export function renewPermit(context: PermitContext) {
  const { pool, relay, pinned } = context;
  return async (request: RenewPermitRequest, call: CallContext): Promise<RenewPermitResponse> => {
    const { permitId, requestId, jws, aktivasiJws } = request;
    const signers = await signersNow(pool, pinned);
    const { izin, bytes } = await verifyIzin(jws, signers);
    const aktivasi = await verifyAktivasi(aktivasiJws, signers);

    const { event, isInForce } = await inTransaction(pool, async (client) => {
      const { opd, callId } = call.grant;
      const { isFirst, event: earlier } = await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: RenewPermitRequest.encode(request).finish(),
        subjectId: permitId,
        event: callId,
      });
      const stored = await findPermit(client, call.grant, permitId, 'for update');
      if (!stored?.permit.izin) throw new MeshError('PERMIT_NOT_FOUND');
      if (!isFirst && earlier) return { event: earlier, isInForce: stored.permit.jws === jws };
      return renew(client, context, request, call, stored, { izin, bytes, aktivasi });
    });

    if (!isInForce) call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
    const stored = await findPermit(pool, call.grant, permitId);
    return answerNarrowing(context, call, { permitId, version: stored?.policyVersion ?? 0n, event });
  };
}

/** Changes the policy or prepares its change, and keeps the record, in the caller's transaction. */
async function renew(
  client: PoolClient,
  context: PermitContext,
  { permitId, etag, jws, aktivasiJws }: RenewPermitRequest,
  call: CallContext,
  stored: StoredPermit,
  { izin, bytes: izinBytes, aktivasi }: { izin: Izin; bytes: Uint8Array; aktivasi: Aktivasi },
): Promise<{ event: Buffer; isInForce: boolean }> {
  const { permit, policyVersion, issueEvent } = stored;
  if (policyVersion === null) throw new MeshError('STATE_CONFLICT', { values: { state: 'ISSUING' } });
  checkEtag(etag, permit);
  const { izin: inForce, state } = permit;
  const isNarrowing =
    state === PermitState.ACTIVE &&
    inForce !== undefined &&
    widening(inForce, izin, methods) === undefined &&
    activatesNoMore(permit.aktivasi, aktivasi);
  advance(context.regime, permitState(state), isNarrowing ? 'NARROW' : 'RENEW');
  const application = await findApplication(client, call.grant, permitId);
  if (!application) throw new MeshError('APPLICATION_NOT_FOUND');
  const field =
    misfit(izin, application.application, methods, (inForce?.version ?? 0) + 1) ??
    aktivasiMisfit(aktivasi, izin, izinDigest(jws), context.regime);
  if (field) throw new MeshError('DOCUMENT_MISMATCH', { values: { field } });

  const change = { $case: 'permitIssued', value: { jws, aktivasiJws } } as const;
  if (isNarrowing) {
    for (const document of [jws, aktivasiJws]) await requireSignerInForce(client, document);
    const { version, event } = await narrow(client, context, call, change, issueEvent);
    await setRenewed(client, permitId, { jws, izinBytes, aktivasiJws, policyVersion: version });
    return { event, isInForce: true };
  }
  refuseWhileMissed(await readDuties(client, context, [stored]));
  const event = call.grant.callId;
  await context.relay.enqueue(client, policyRecord(call, changeBytes(change), issueEvent));
  await setPending(client, permitId, { event, jws, renewal: { izinBytes, aktivasiJws } });
  return { event, isInForce: false };
}
