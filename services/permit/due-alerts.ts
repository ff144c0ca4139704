import { hash, randomBytes } from 'node:crypto';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { EVENT_ID_BYTES } from '#mesh/leaf.ts';
import type { OutboxRelay } from '#mesh/outbox.ts';
import { makeEntry, newDraft } from '#mesh/record.ts';
import { inTransaction, type Pool } from '#mesh/sql.ts';
import { type DueAlert, dueAlerts, knownEvents } from './store/due-alerts.ts';

/** The same for the same occasion, so that it is told once. */
function eventIdOf({ rule, permitId, occasion }: DueAlert): Buffer {
  return hash('sha256', `rangkiang alert ${rule}\n${permitId}\n${occasion}`, 'buffer').subarray(0, EVENT_ID_BYTES);
}

function entryOf(due: DueAlert): Entry {
  const eventId = eventIdOf(due);
  const grant = Grant.fromPartial({ callId: eventId, opd: due.opd, permit: due.permitId });
  const facts = { kind: Kind.ALERT, method: '', writer: 'permit', traceId: randomBytes(16), reason: due.rule };
  return makeEntry(grant, { ...newDraft(), count: due.count }, facts);
}

/**
 * Puts an alert into the outbox for each permit that ends within 30 days, and each whose quota of the day is at 80 %; once
 * for each occasion. The audit service sees neither end nor quota.
 */
export async function tellDueAlerts(pool: Pool, relay: Pick<OutboxRelay, 'enqueue' | 'wake'>): Promise<void> {
  const due = await dueAlerts(pool);
  const known = await knownEvents(pool, due.map(eventIdOf));
  const fresh = due.filter((alert) => !known.has(eventIdOf(alert).toString('hex')));
  if (fresh.length === 0) return;
  // Another replica may be doing the same; then its rows stand, and these are found known the next time.
  await inTransaction(pool, async (client) => {
    for (const alert of fresh) await relay.enqueue(client, entryOf(alert));
  });
  relay.wake();
}
