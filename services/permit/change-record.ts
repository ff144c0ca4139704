import { randomBytes } from 'node:crypto';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind, type PolicyNarrowing } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { makeEntry, newDraft, type RecordFacts } from '#mesh/record.ts';
import type { CallContext } from '#mesh/server.ts';
import { changeDigest } from './domain/change-bytes.ts';

/** How long a call waits for its record; the audit service answers in milliseconds or is away. */
export const RECORD_WAIT_MS = 5_000;

/** Who makes a change, as its record tells: a call, or the service itself. */
export type Author = Pick<CallContext, 'grant' | 'record' | 'traceId'> & { readonly method: { readonly path: string } };

/** The service itself, for one change and its record, with the permit that it is about. */
export function byItself(permit: string): Author {
  const grant = Grant.create({ callId: randomBytes(16), permit, system: 'permit' });
  return { grant, record: newDraft(), traceId: randomBytes(16), method: { path: '' } };
}

/** The record of a change. `refersTo` is the event id of the record that came before it. */
export function changeRecord(
  author: Author,
  facts: Pick<RecordFacts, 'kind' | 'refersTo' | 'policyChangeDigest' | 'narrows'>,
): Entry {
  const { method, traceId } = author;
  return makeEntry(author.grant, author.record, { ...facts, method: method.path, writer: 'permit', traceId });
}

/** The record of a change of the policy, by its bytes; `narrows` when it is one that counts before its record does. */
export function policyRecord(author: Author, change: Uint8Array, refersTo?: Buffer, narrows?: PolicyNarrowing): Entry {
  return changeRecord(author, { kind: Kind.POLICY, refersTo, policyChangeDigest: changeDigest(change), narrows });
}
