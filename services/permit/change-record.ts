import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import type { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { makeEntry } from '#mesh/record.ts';
import type { CallContext } from '#mesh/server.ts';

/** How long a call waits for its record; the audit service answers in milliseconds or is away. */
export const RECORD_WAIT_MS = 5_000;

/**
 * How long a narrowing waits for it: it is answered also without its record, which stays in the outbox. But an audit
 * service that is well has it within some 10 ms, and then the answer tells where it stands.
 */
export const RECORD_GRACE_MS = 250;

/** The record of a change that this call makes. `refersTo` is the event id of the record that came before it. */
export function changeRecord(
  call: CallContext,
  facts: { kind: Kind; refersTo?: Buffer; policyChangeDigest?: Buffer },
): Entry {
  const { method, traceId } = call;
  return makeEntry(call.grant, call.record, { ...facts, method: method.path, writer: 'permit', traceId });
}
