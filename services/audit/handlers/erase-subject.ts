import { randomBytes } from 'node:crypto';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { EraseSubjectRequest, EraseSubjectResponse } from '#gen/rangkiang/audit/v1/subject.ts';
import { type Appender, makeEntry, newDraft } from '#mesh/record.ts';
import type { CallContext } from '#mesh/server.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';
import type { Sealer } from '../domain/seal.ts';
import type { KeyStore } from '../store/seal-keys.ts';

/** A name has 8 bytes in a leaf of at most 4,096. Nearly every resident has a few keys. */
const KEYS_IN_A_RECORD = 300;

/**
 * EraseSubject. The keys are condemned, so that nothing new is sealed under them; recorded by name; destroyed. Whatever ends
 * this between the steps, either the request is repeated or the next start destroys what the record names.
 */
export function eraseSubject({ keys, sealer }: { keys: KeyStore; sealer: Sealer }, audit: Appender) {
  return async ({ number, letter }: EraseSubjectRequest, call: CallContext): Promise<EraseSubjectResponse> => {
    requireWholeLog(call.grant);
    const condemned = await keys.condemn(sealer.tag(number));
    const { method, traceId } = call;
    const grant = { ...call.grant, caseNumber: letter };
    let at = 0;
    do {
      const erasedKeys = condemned.slice(at, at + KEYS_IN_A_RECORD);
      const ids = at === 0 ? {} : { eventId: randomBytes(16), refersTo: grant.callId };
      const facts = { kind: Kind.ERASURE, method: method.path, writer: 'audit', traceId, erasedKeys, ...ids };
      const { index } = await audit.append(makeEntry(grant, newDraft(), facts));
      call.auditIndex ??= index;
      at += KEYS_IN_A_RECORD;
    } while (at < condemned.length);
    await keys.destroy(condemned);
    return { erasedKeys: condemned.length };
  };
}
