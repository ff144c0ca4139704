import { hash } from 'node:crypto';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { EVENT_ID_BYTES, sealEntry } from '#mesh/leaf.ts';
import type { Finding } from './alert-fold.ts';

const NO_CONTEXT = { operator: '', caseNumber: '', searchTerms: '' };

/** An event id that is the same for the same facts, so that they are recorded once, whoever finds them and how often. */
export function eventIdFor(what: string, eventId: Buffer): Buffer {
  return hash('sha256', `rangkiang ${what}\n${eventId.toString('hex')}`, 'buffer').subarray(0, EVENT_ID_BYTES);
}

/**
 * The record of an alert, found by the record `leaf`. Whoever finds it makes the same bytes, its time is that of the record:
 * found twice, it is one record.
 */
export function alertEntry({ rule, count, causedBy }: Finding, leaf: Leaf): Entry {
  const { timeUs, opd, unit, system, operatorPseudonym, permit, policyVersion, purpose, method, traceId } = leaf;
  const same = { timeUs, opd, unit, system, operatorPseudonym, permit, policyVersion, purpose, method, traceId };
  const alert = Leaf.create({
    ...same,
    eventId: eventIdFor(`alert ${rule}`, leaf.eventId),
    kind: Kind.ALERT,
    reason: rule,
    count,
    refersTo: leaf.eventId,
    writer: 'audit',
    note: { signs: [], causedBy: [...causedBy], remark: '' },
  });
  return sealEntry(alert, [], NO_CONTEXT);
}
