import type { Permit } from '#gen/rangkiang/permit/v1/permit.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PoolClient } from '#mesh/sql.ts';
import { type Author, policyRecord } from './change-record.ts';
import type { PermitContext } from './context.ts';
import { changeBytes } from './domain/change-bytes.ts';
import { awaitBrokers, type Standing } from './domain/confirmation.ts';
import { narrowingOf } from './domain/narrowing-of.ts';
import { countBrokers } from './store/leases.ts';
import { findPermit } from './store/permits.ts';
import { appendChange } from './store/policy.ts';

// A narrowing is answered also without its record, which stays in the outbox. But an audit service that is well has it
// within some 10 ms, and then the answer tells where it stands.
const RECORD_GRACE_MS = 250;

/** A narrowing that is committed: the version of the policy that holds it, and its record. */
export interface CommittedNarrowing {
  readonly version: bigint;
  readonly event: Buffer;
}

/** The answer to what narrows a permit. */
export interface NarrowingAnswer {
  permit: Permit | undefined;
  brokersConfirmed: number;
  brokersLapsed: number;
}

/** Changes the policy at once and keeps the record, which may follow, in the caller's transaction. */
export async function narrow(
  client: PoolClient,
  { relay }: Pick<PermitContext, 'relay'>,
  author: Author,
  change: Parameters<typeof changeBytes>[0],
  refersTo?: Buffer,
): Promise<CommittedNarrowing> {
  const bytes = changeBytes(change);
  await relay.enqueue(client, policyRecord(author, bytes, refersTo, narrowingOf(change, bytes)));
  return { version: await appendChange(client, bytes), event: author.grant.callId };
}

/**
 * Waits, after a narrowing was committed, until no broker acts on the policy before it; notes the record's index when the
 * audit service is well.
 */
export async function awaitNarrowing(
  { pool, relay, ringPolicy, clock }: PermitContext,
  call: CallContext,
  { version, event }: CommittedNarrowing,
): Promise<Standing> {
  ringPolicy();
  const [brokers, auditIndex] = await Promise.all([
    awaitBrokers(() => countBrokers(pool, version), clock),
    relay.wait(event, RECORD_GRACE_MS).catch(() => undefined),
  ]);
  call.auditIndex = auditIndex;
  return brokers;
}

/** The same for a permit, answered with the permit as it then stands. */
export async function answerNarrowing(
  context: PermitContext,
  call: CallContext,
  narrowing: CommittedNarrowing & { readonly permitId: string },
): Promise<NarrowingAnswer> {
  const brokers = await awaitNarrowing(context, call, narrowing);
  const stored = await findPermit(context.pool, call.grant, narrowing.permitId);
  return { permit: stored?.permit, brokersConfirmed: brokers.current, brokersLapsed: brokers.behind };
}
