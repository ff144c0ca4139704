import type { PoolClient } from '#mesh/sql.ts';
import { completeIssue } from './issue.ts';
import { completeRegistration } from './register-operators.ts';

/** Lets count what waited for its record; the relay calls this for every record, in the transaction that marks it. */
export async function completeRecorded(client: PoolClient, event: Buffer): Promise<void> {
  await completeIssue(client, event);
  await completeRegistration(client, event);
}
