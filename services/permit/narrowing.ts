import type { CallContext } from '#mesh/server.ts';
import type { PermitContext } from './context.ts';
import { awaitBrokers, type Standing } from './domain/confirmation.ts';
import { countBrokers } from './store/leases.ts';

// A narrowing is answered also without its record, which stays in the outbox. But an audit service that is well has it
// within some 10 ms, and then the answer tells where it stands.
const RECORD_GRACE_MS = 250;

/**
 * Waits, after a narrowing was committed as `version` with the record `event`, until no broker acts on the policy before
 * it; notes the record's index when the audit service is well.
 */
export async function awaitNarrowing(
  { pool, relay, ringPolicy, clock }: PermitContext,
  call: CallContext,
  { version, event }: { version: bigint; event: Buffer },
): Promise<Standing> {
  ringPolicy();
  const [brokers, auditIndex] = await Promise.all([
    awaitBrokers(() => countBrokers(pool, version), clock),
    relay.wait(event, RECORD_GRACE_MS).catch(() => undefined),
  ]);
  call.auditIndex = auditIndex;
  return brokers;
}
