import { randomUUID } from 'node:crypto';
import { OrderSigningKeyRequest, type OrderSigningKeyResponse } from '#gen/rangkiang/permit/v1/signing_key.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { withKeyOrder } from '#mesh/signing-key-order.ts';
import { inTransaction } from '#mesh/sql.ts';
import { policyRecord, RECORD_WAIT_MS } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { changeBytes } from '../domain/change-bytes.ts';
import { signingKeyStates } from '../domain/signing-key-states.ts';
import { awaitNarrowing, narrow } from '../narrowing.ts';
import { claimRequest } from '../store/requests.ts';
import { findKeyOrder, insertKeyOrder, signersNow, signingKeysNow } from '../store/signing-keys.ts';

/**
 * Takes a signed order about the Walikota's keys. One that only ends a key narrows, and counts from its commit on, record
 * or no record; one that begins a key counts once its record is committed (see `completeKeyOrder`). A repeated request
 * waits for the same.
 */
export function orderSigningKey(context: PermitContext) {
  const { pool, relay, pinned } = context;
  return async (request: OrderSigningKeyRequest, call: CallContext): Promise<OrderSigningKeyResponse> => {
    const { jws, requestId } = request;
    const event = await inTransaction(pool, async (client) => {
      const { opd, callId } = call.grant;
      const { isFirst, event: earlier } = await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: OrderSigningKeyRequest.encode(request).finish(),
        subjectId: randomUUID(),
        event: callId,
      });
      if (!isFirst && earlier) return earlier;
      const { order, begun } = await withKeyOrder(await signersNow(client, pinned), jws);
      if (begun && begun.notAfterMs <= Date.now()) throw new MeshError('SIGNING_KEY_UNUSABLE');
      const change = { $case: 'signingKeyOrdered', value: { jws } } as const;
      if (begun) {
        await insertKeyOrder(client, { event: callId, jws, ends: order.ends });
        await relay.enqueue(client, policyRecord(call, changeBytes(change)));
      } else {
        const { version } = await narrow(client, context, call, change);
        await insertKeyOrder(client, { event: callId, jws, ends: order.ends, policyVersion: version });
      }
      return callId;
    });

    if ((await findKeyOrder(pool, event))?.policyVersion === null) {
      call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
    }
    const version = (await findKeyOrder(pool, event))?.policyVersion;
    // Another order ended the signer while this one waited for its record.
    if (typeof version !== 'bigint') throw new MeshError('SIGNING_KEY_ENDED');
    const brokers = await awaitNarrowing(context, call, { version, event });
    return {
      keys: signingKeyStates(await signingKeysNow(pool, pinned), pinned),
      brokersConfirmed: brokers.current,
      brokersLapsed: brokers.behind,
    };
  };
}
