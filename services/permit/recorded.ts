import type { PoolClient } from '#mesh/sql.ts';
import { changeBytes } from './domain/change-bytes.ts';
import { completeEmergency } from './emergencies.ts';
import { completeIssue } from './issue.ts';
import { completeKeyOrder } from './order-key.ts';
import { completeRegistration } from './register-operators.ts';
import { dropLiftOrder, findByLiftEvent, setLifted } from './store/directives.ts';
import { appendChange } from './store/policy.ts';
import { isSignerInForce } from './store/signing-keys.ts';

/**
 * Lets a lift count, in the transaction that marks its record as committed. What was signed by a key that ended meanwhile
 * is dropped, here and in the other completions: no broker would count it.
 */
async function completeLift(client: PoolClient, event: Buffer): Promise<void> {
  const order = await findByLiftEvent(client, event);
  if (!order) return;
  if (!(await isSignerInForce(client, order.jws))) return dropLiftOrder(client, order.directiveId);
  const change = changeBytes({ $case: 'lifted', value: { jws: order.jws } });
  await setLifted(client, order.directiveId, await appendChange(client, change));
}

/**
 * Completes the widening whose record was committed, in the transaction that marks it so. The relay calls this for every
 * record, also for one that an earlier process left behind; each completion knows its own records.
 */
export async function completeRecorded(client: PoolClient, event: Buffer): Promise<void> {
  await completeIssue(client, event);
  await completeLift(client, event);
  await completeRegistration(client, event);
  await completeKeyOrder(client, event);
  await completeEmergency(client, event);
}
