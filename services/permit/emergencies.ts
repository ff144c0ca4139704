import { randomUUID } from 'node:crypto';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { inTransaction, type PoolClient } from '#mesh/sql.ts';
import { type Author, byItself, changeRecord } from './change-record.ts';
import type { PermitContext } from './context.ts';
import { changeBytes } from './domain/change-bytes.ts';
import { narrow } from './narrowing.ts';
import { insertDirective } from './store/directives.ts';
import {
  type DueEmergency,
  findLate,
  findWaiting,
  setActivated,
  setEnded,
  setReviewed,
  takeEnded,
  takeLate,
} from './store/emergencies.ts';
import { appendChange } from './store/policy.ts';

/** Pseudonyms of the operators whose calls an activation carried, as the audit service knows them. */
export type ListOperators = (emergency: DueEmergency) => Promise<readonly string[]>;

type KeepingContext = Pick<PermitContext, 'pool' | 'relay' | 'ringPolicy'>;

/** Lets an activation or a review count, in the transaction that marks its record as committed. */
export async function completeEmergency(client: PoolClient, event: Buffer): Promise<void> {
  const waiting = await findWaiting(client, event);
  if (!waiting) return;
  const { activationId, permitId, jws, reviewJws } = waiting;
  if (reviewJws === null) {
    const change = changeBytes({ $case: 'emergencyActivated', value: { permitId, jws: [...jws] } });
    await setActivated(client, activationId, await appendChange(client, change));
  } else {
    const change = changeBytes({ $case: 'emergencyReviewed', value: { permitId, jws: reviewJws } });
    await setReviewed(client, activationId, await appendChange(client, change));
  }
}

/**
 * What happens to emergencies by itself: the end of each gets a record, and where the review did not come in time the
 * operators who used it are frozen, as any directive freezes them. Does only what is not done yet; several processes may
 * do it side by side.
 */
export async function keepEmergencies(context: KeepingContext, listOperators: ListOperators): Promise<void> {
  while (await recordEnd(context)) {}
  for (const late of await findLate(context.pool)) await freezeOperators(context, late, await listOperators(late));
}

function recordEnd({ pool, relay }: KeepingContext): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const ended = await takeEnded(client);
    if (!ended) return false;
    const { activationId: emergency } = ended;
    const author = keeper(ended);
    await relay.enqueue(client, changeRecord(author, { kind: Kind.EMERGENCY_ENDED, emergency }));
    await setEnded(client, emergency, author.grant.callId);
    return true;
  });
}

async function freezeOperators(
  context: KeepingContext,
  late: DueEmergency,
  operators: readonly string[],
): Promise<void> {
  await inTransaction(context.pool, async (client) => {
    if (!(await takeLate(client, late.activationId))) return;
    for (const value of operators) {
      const reason = `Telaah keadaan darurat ${late.activationId} tidak ditutup pada waktunya`;
      const directive = {
        directiveId: randomUUID(),
        target: { target: { $case: 'operator', value } as const },
        reason,
      };
      const { version, event } = await narrow(client, context, keeper(late), { $case: 'frozen', value: directive });
      await insertDirective(client, { directive, frozenBy: 'MESH', freezeEvent: event, policyVersion: version });
    }
  });
  context.relay.wake();
  context.ringPolicy();
}

/** The service itself, about the permit and its OPD. */
function keeper({ opd, permitId }: DueEmergency): Author {
  const author = byItself(permitId);
  return { ...author, grant: { ...author.grant, opd } };
}
