import { ApplicationState } from '#gen/rangkiang/permit/v1/permit.ts';
import type { PoolClient } from '#mesh/sql.ts';
import { changeBytes } from './domain/change-bytes.ts';
import { setApplicationState } from './store/applications.ts';
import {
  dropIssue,
  dropPending,
  findByIssueEvent,
  findByPendingEvent,
  setIssued,
  setReinstated,
  setRenewed,
} from './store/permits.ts';
import { appendChange } from './store/policy.ts';
import { isSignerInForce } from './store/signing-keys.ts';

/**
 * Lets a widening of permits count (a permit, a reinstatement, a renewal), in the transaction that marks its record as
 * committed. Asked for every record.
 */
export async function completeIssue(client: PoolClient, event: Buffer): Promise<void> {
  const permit = await findByIssueEvent(client, event);
  if (!permit) return completePending(client, event);
  if (!(await isSignerInForce(client, permit.jws))) return dropIssue(client, permit.permitId);
  const change = changeBytes({ $case: 'permitIssued', value: { jws: permit.jws } });
  await setIssued(client, permit.permitId, await appendChange(client, change));
  await setApplicationState(client, permit.permitId, ApplicationState.ISSUED);
}

async function completePending(client: PoolClient, event: Buffer): Promise<void> {
  const pending = await findByPendingEvent(client, event);
  if (!pending) return;
  const { permitId, jws, izinBytes } = pending;
  if (!(await isSignerInForce(client, jws))) return dropPending(client, permitId);
  if (izinBytes) {
    const policyVersion = await appendChange(client, changeBytes({ $case: 'permitIssued', value: { jws } }));
    await setRenewed(client, permitId, { jws, izinBytes, policyVersion });
  } else {
    await appendChange(client, changeBytes({ $case: 'permitReinstated', value: { jws } }));
    await setReinstated(client, permitId);
  }
}
