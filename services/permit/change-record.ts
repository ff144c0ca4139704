import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind, type PolicyNarrowing } from '#gen/rangkiang/audit/v1/leaf.ts';
import { makeEntry, type RecordFacts } from '#mesh/record.ts';
import type { CallContext } from '#mesh/server.ts';
import { changeDigest } from './domain/change-bytes.ts';

/** How long a call waits for its record; the audit service answers in milliseconds or is away. */
export const RECORD_WAIT_MS = 5_000;

/** The record of a change that this call makes. `refersTo` is the event id of the record that came before it. */
export function changeRecord(
  call: CallContext,
  facts: Pick<RecordFacts, 'kind' | 'refersTo' | 'policyChangeDigest' | 'narrows'>,
): Entry {
  const { method, traceId } = call;
  return makeEntry(call.grant, call.record, { ...facts, method: method.path, writer: 'permit', traceId });
}

/** The record of a change of the policy, by its bytes; `narrows` when it is one that counts before its record does. */
export function policyRecord(
  call: CallContext,
  change: Uint8Array,
  refersTo?: Buffer,
  narrows?: PolicyNarrowing,
): Entry {
  return changeRecord(call, { kind: Kind.POLICY, refersTo, policyChangeDigest: changeDigest(change), narrows });
}
