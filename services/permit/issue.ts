import { ApplicationState } from '#gen/rangkiang/permit/v1/permit.ts';
import type { PoolClient } from '#mesh/sql.ts';
import { changeBytes } from './domain/change-bytes.ts';
import { setApplicationState } from './store/applications.ts';
import {
  dropIssue,
  dropPending,
  findByIssueEvent,
  findByPendingEvent,
  setActivated,
  setIssued,
  setReinstated,
  setRenewed,
} from './store/permits.ts';
import { appendChange } from './store/policy.ts';
import { isSignerInForce } from './store/signing-keys.ts';

/**
 * Lets a widening of permits count (a permit, its activation, a reinstatement, a renewal), in the transaction that marks its record as
 * committed. Asked for every record.
 */
export async function completeIssue(client: PoolClient, event: Buffer): Promise<void> {
  const permit = await findByIssueEvent(client, event);
  if (!permit) return completePending(client, event);
  if (!(await isSignerInForce(client, permit.jws))) return dropIssue(client, permit.permitId);
  const change = changeBytes({ $case: 'permitIssued', value: { jws: permit.jws, aktivasiJws: '' } });
  await setIssued(client, permit.permitId, await appendChange(client, change));
  await setApplicationState(client, permit.permitId, ApplicationState.ISSUED);
}

async function completePending(client: PoolClient, event: Buffer): Promise<void> {
  const pending = await findByPendingEvent(client, event);
  if (!pending) return;
  const { permitId, jws, izinBytes, aktivasiJws, isSuspended } = pending;
  for (const signed of aktivasiJws === null ? [jws] : [jws, aktivasiJws]) {
    if (!(await isSignerInForce(client, signed))) return dropPending(client, permitId);
  }
  const append = (change: Parameters<typeof changeBytes>[0]) => appendChange(client, changeBytes(change));
  if (izinBytes && aktivasiJws !== null) {
    const policyVersion = await append({ $case: 'permitIssued', value: { jws, aktivasiJws } });
    await setRenewed(client, permitId, { jws, izinBytes, aktivasiJws, policyVersion });
  } else if (isSuspended) {
    await append({ $case: 'permitReinstated', value: { jws } });
    await setReinstated(client, permitId);
  } else {
    await setActivated(client, permitId, jws, await append({ $case: 'permitActivated', value: { jws } }));
  }
}
