import { ApplicationState } from '#gen/rangkiang/permit/v1/permit.ts';
import type { PoolClient } from '#mesh/sql.ts';
import { changeBytes } from './domain/change-bytes.ts';
import { setApplicationState } from './store/applications.ts';
import { findByIssueEvent, setIssued } from './store/permits.ts';
import { appendChange } from './store/policy.ts';

/**
 * Lets a permit count, in the transaction that marks the record of its issue as committed. Asked for every record.
 */
export async function completeIssue(client: PoolClient, event: Buffer): Promise<void> {
  const permit = await findByIssueEvent(client, event);
  if (!permit) return;
  const change = changeBytes({ $case: 'permitIssued', value: { jws: permit.jws } });
  await setIssued(client, permit.permitId, await appendChange(client, change));
  await setApplicationState(client, permit.permitId, ApplicationState.ISSUED);
}
