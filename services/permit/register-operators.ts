import type { PoolClient } from '#mesh/sql.ts';
import { findRegistration, setRegistered } from './store/operators.ts';
import { appendChange } from './store/policy.ts';

/**
 * Lets operators' keys count, in the transaction that marks the record of their registration as committed. Keys that
 * were withdrawn meanwhile stay so: a broker never takes a withdrawn one back.
 */
export async function completeRegistration(client: PoolClient, event: Buffer): Promise<void> {
  const change = await findRegistration(client, event);
  if (change) await setRegistered(client, event, await appendChange(client, change));
}
