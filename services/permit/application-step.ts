import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Application, ApplicationState } from '#gen/rangkiang/permit/v1/permit.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction, type PoolClient } from '#mesh/sql.ts';
import { changeRecord, RECORD_WAIT_MS } from './change-record.ts';
import type { PermitContext } from './context.ts';
import type { Transition } from './domain/life-cycle.ts';
import { applicationState, applicationStateNumber } from './domain/state-name.ts';
import { findApplication } from './store/applications.ts';
import { claimRequest } from './store/requests.ts';
import { advance, checkEtag } from './transition.ts';

/** A step of an application that is no decision of the Walikota. */
interface ApplicationStep {
  readonly request: { readonly applicationId: string; readonly requestId: string; readonly etag: string };
  /** The request's bytes, by which a repetition is told from another request. */
  readonly bytes: Uint8Array;
  readonly transition: Transition;
  /** Stores what the step brings, with the state that it leads to. */
  apply(client: PoolClient, state: ApplicationState): Promise<void>;
}

/**
 * Takes an application one step on, with its record; a repeated request answers the application as it stands. Throws
 * APPLICATION_NOT_FOUND, ETAG_MISMATCH, or what `advance` throws.
 */
export async function stepApplication(
  { pool, relay, regime }: PermitContext,
  call: CallContext,
  { request, bytes, transition, apply }: ApplicationStep,
): Promise<Application> {
  const { applicationId, requestId, etag } = request;
  const event = await inTransaction(pool, async (client) => {
    const { opd, callId } = call.grant;
    const claim = { opd, requestId, method: call.method.path, request: bytes, subjectId: applicationId, event: callId };
    const { isFirst, event: earlier } = await claimRequest(client, claim);
    const stored = await findApplication(client, call.grant, applicationId, 'for update');
    if (!stored) throw new MeshError('APPLICATION_NOT_FOUND');
    if (!isFirst && earlier) return earlier;
    checkEtag(etag, stored.application);
    const next = advance(regime, applicationState(stored.application.state), transition);
    await apply(client, applicationStateNumber(next));
    await relay.enqueue(client, changeRecord(call, { kind: Kind.APPLICATION, refersTo: stored.submitEvent }));
    return callId;
  });
  call.auditIndex = await relay.wait(event, RECORD_WAIT_MS);
  const stored = await findApplication(pool, call.grant, applicationId);
  if (!stored) throw new MeshError('APPLICATION_NOT_FOUND');
  return stored.application;
}
