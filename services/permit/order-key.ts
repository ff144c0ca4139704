import type { PoolClient } from '#mesh/sql.ts';
import { changeBytes } from './domain/change-bytes.ts';
import { appendChange } from './store/policy.ts';
import { findKeyOrder, isSignerInForce, setOrdered } from './store/signing-keys.ts';

/**
 * Lets a key begin, in the transaction that marks the record of its order as committed. An order whose signer ended
 * meanwhile never counts.
 */
export async function completeKeyOrder(client: PoolClient, event: Buffer): Promise<void> {
  const order = await findKeyOrder(client, event);
  if (!order || order.policyVersion !== null || !(await isSignerInForce(client, order.jws))) return;
  const change = changeBytes({ $case: 'signingKeyOrdered', value: { jws: order.jws } });
  await setOrdered(client, event, await appendChange(client, change));
}
