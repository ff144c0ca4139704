import { randomUUID } from 'node:crypto';
import { DutyState } from '#gen/rangkiang/permit/v1/duty.ts';
import { SuspensionReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitWarned } from '#gen/rangkiang/permit/v1/policy.ts';
import { inTransaction, type PoolClient } from '#mesh/sql.ts';
import { byItself, policyRecord } from './change-record.ts';
import type { PermitContext } from './context.ts';
import { changeBytes } from './domain/change-bytes.ts';
import { dayAt } from './domain/day.ts';
import { nextState } from './domain/life-cycle.ts';
import { permitState } from './domain/state-name.ts';
import { narrow } from './narrowing.ts';
import { lateDuties, readDuties } from './permit-duties.ts';
import { findUnseen, permitsUnseen, setSeen, setWarned } from './store/owing-permits.ts';
import type { StoredPermit } from './store/permit-row.ts';
import { setSuspended } from './store/permits.ts';
import { appendChange } from './store/policy.ts';

type EnforcingContext = Pick<PermitContext, 'relay' | 'regime' | 'reportGraceDays' | 'now'>;

/**
 * Does what the duties of a permit ask for today, in the transaction that holds the permit's lock: tells the brokers when other
 * duties are late than they know of, and suspends a permit that stands when the grace of one is over. The service itself
 * makes these changes and their records. Answers whether the policy changed; done again, it changes nothing.
 */
export async function enforceDuties(
  client: PoolClient,
  context: EnforcingContext,
  stored: StoredPermit,
): Promise<boolean> {
  const { permit, issueEvent } = stored;
  const { permitId } = permit;
  const duties = await readDuties(client, context, [stored]);
  await setSeen(client, permitId, dayAt(await context.now()));

  const late = lateDuties(duties);
  const warned = Buffer.from(PermitWarned.encode({ permitId: '', late }).finish());
  const isNews = !warned.equals(stored.lateDuties);
  if (isNews) {
    const change = changeBytes({ $case: 'permitWarned', value: { permitId, late } });
    await context.relay.enqueue(client, policyRecord(byItself(permitId), change, issueEvent));
    await appendChange(client, change);
    await setWarned(client, permitId, warned);
  }

  const overdue = duties.filter(({ duty }) => duty.state === DutyState.OVERDUE);
  const suspends = overdue.length > 0 && nextState(context.regime, permitState(permit.state), 'SUSPEND_LATE');
  if (suspends) {
    const reason = SuspensionReason.KEWAJIBAN_TIDAK_DIPENUHI;
    const id = randomUUID();
    const change = { $case: 'permitSuspended', value: { permitId, suspensionId: id, reason } } as const;
    const suspended = await narrow(client, context, byItself(permitId), change, issueEvent);
    const missing = overdue.map(({ duty }) => `${duty.kind} ${duty.period}`).join(', ');
    const remarks = `Belum diserahkan sampai akhir tenggang: ${missing}. Serahkan dengan HandIn (rangkiang permit hand-in). Sesudah Disdukcapil menyatakannya lengkap, minta Walikota memulihkan izin.`;
    await setSuspended(client, permitId, { id, ...suspended, reason, remarks });
  }
  return isNews || Boolean(suspends);
}

/**
 * Enforces the duties of every permit that was not looked at today, one transaction each. Several replicas may do so at
 * once: whoever holds a permit's lock does it, and the others pass it over. What a crash or a fault leaves undone is done
 * the next time.
 */
export async function enforceAllDuties(context: PermitContext, onFault: (error: unknown) => void): Promise<void> {
  const today = dayAt(await context.now());
  for (const permitId of await permitsUnseen(context.pool, today)) {
    try {
      const changed = await inTransaction(context.pool, async (client) => {
        const stored = await findUnseen(client, permitId, today);
        return stored !== undefined && (await enforceDuties(client, context, stored));
      });
      if (!changed) continue;
      context.relay.wake();
      context.ringPolicy();
    } catch (error) {
      onFault(error);
    }
  }
}
