import type { Permit } from '#gen/rangkiang/permit/v1/permit.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from './context.ts';
import { awaitBrokers } from './domain/confirmation.ts';
import { countBrokers } from './store/leases.ts';
import { findPermit } from './store/permits.ts';

// A narrowing is answered also without its record, which stays in the outbox. But an audit service that is well has
// it within some 10 ms, and then the answer tells where it stands.
const RECORD_GRACE_MS = 250;

/** A change of a permit that is committed: the version of the policy that holds it, and its record. */
export interface CommittedChange {
  readonly permitId: string;
  readonly version: bigint;
  readonly event: Buffer;
}

/** The answer to what narrows a permit. */
export interface NarrowingAnswer {
  permit: Permit | undefined;
  brokersConfirmed: number;
  brokersLapsed: number;
}

/** Answers when no broker acts on the policy before the change. Begin it after the change is committed. */
export async function answerNarrowing(
  { pool, relay, ringPolicy, clock }: PermitContext,
  call: CallContext,
  { permitId, version, event }: CommittedChange,
): Promise<NarrowingAnswer> {
  ringPolicy();
  const [brokers, auditIndex] = await Promise.all([
    awaitBrokers(() => countBrokers(pool, version), clock),
    relay.wait(event, RECORD_GRACE_MS).catch(() => undefined),
  ]);
  call.auditIndex = auditIndex;
  const stored = await findPermit(pool, call.grant, permitId);
  return { permit: stored?.permit, brokersConfirmed: brokers.current, brokersLapsed: brokers.behind };
}
