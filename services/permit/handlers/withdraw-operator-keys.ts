import { randomUUID } from 'node:crypto';
import { WithdrawOperatorKeysRequest, type WithdrawOperatorKeysResponse } from '#gen/rangkiang/permit/v1/operator.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import type { PermitContext } from '../context.ts';
import { awaitNarrowing, narrow } from '../narrowing.ts';
import { keysOfIssuer, lockOperators, setKeysWithdrawn, type Withdrawal } from '../store/operators.ts';
import { claimRequest } from '../store/requests.ts';

/**
 * Withdraws keys of an issuer, all that it has when none is named. It narrows what is believed, so it counts from its
 * commit on, record or no record; also for keys that still wait for the record of their registration. A repeated
 * request, and one for keys that were withdrawn before, waits for the same.
 */
export function withdrawOperatorKeys(context: PermitContext) {
  const { pool } = context;
  return async (request: WithdrawOperatorKeysRequest, call: CallContext): Promise<WithdrawOperatorKeysResponse> => {
    const { issuer, requestId } = request;
    const { opd } = call.grant;
    const { kids, newest } = await inTransaction(pool, async (client) => {
      await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: WithdrawOperatorKeysRequest.encode(request).finish(),
        subjectId: randomUUID(),
      });
      await lockOperators(client, opd);
      const stored = await keysOfIssuer(client, opd, issuer);
      const meant = stored.filter(({ entry }) => request.kids.length === 0 || request.kids.includes(entry.kid));
      if (meant.length === 0 || meant.length < request.kids.length) throw new MeshError('OPERATOR_KEY_UNKNOWN');

      const standing = meant.filter(({ withdrawal }) => !withdrawal).map(({ entry }) => entry.kid);
      const withdrawals = meant.flatMap(({ withdrawal }) => withdrawal ?? []);
      if (standing.length > 0) {
        const value = { opd, issuer, kids: standing };
        const withdrawn = await narrow(client, context, call, { $case: 'operatorKeysWithdrawn', value });
        await setKeysWithdrawn(client, value, withdrawn);
        withdrawals.push(withdrawn);
      }
      return { kids: meant.map(({ entry }) => entry.kid), newest: newestOf(withdrawals) };
    });

    const brokers = await awaitNarrowing(context, call, newest);
    const stored = await keysOfIssuer(pool, opd, issuer);
    return {
      keys: stored.map(({ entry }) => entry).filter(({ kid }) => kids.includes(kid)),
      brokersConfirmed: brokers.current,
      brokersLapsed: brokers.behind,
    };
  };
}

/** Whoever shows the newest version shows all of them. */
function newestOf(withdrawals: readonly Withdrawal[]): Withdrawal {
  return withdrawals.reduce((newest, one) => (one.version > newest.version ? one : newest));
}
