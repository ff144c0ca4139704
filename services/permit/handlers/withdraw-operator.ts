import { randomUUID } from 'node:crypto';
import { WithdrawOperatorRequest, type WithdrawOperatorResponse } from '#gen/rangkiang/permit/v1/operator.ts';
import { MeshError } from '#mesh/errors.ts';
import { operatorDigest } from '#mesh/operator.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import type { PermitContext } from '../context.ts';
import { awaitNarrowing, narrow } from '../narrowing.ts';
import { findWithdrawn, insertWithdrawn, lockOperators } from '../store/operators.ts';
import { claimRequest } from '../store/requests.ts';

/**
 * Withdraws an operator of the caller's OPD, whichever key asserts them and whether one ever did. It counts from its
 * commit on, record or no record; a repeated request waits for the same.
 */
export function withdrawOperator(context: PermitContext) {
  const { pool } = context;
  return async (request: WithdrawOperatorRequest, call: CallContext): Promise<WithdrawOperatorResponse> => {
    const { operator, requestId } = request;
    const { opd } = call.grant;
    const withdrawn = await inTransaction(pool, async (client) => {
      await claimRequest(client, {
        opd,
        requestId,
        method: call.method.path,
        request: WithdrawOperatorRequest.encode(request).finish(),
        subjectId: randomUUID(),
      });
      if (!(await lockOperators(client, opd))) throw new MeshError('OPD_UNKNOWN');
      const earlier = await findWithdrawn(client, opd, operator);
      if (earlier) return earlier;

      // Who it is about lies sealed beside the record.
      call.record.searchTerms = operator;
      const value = { opd, operatorDigest: operatorDigest(opd, operator) };
      const committed = await narrow(client, context, call, { $case: 'operatorWithdrawn', value });
      return { ...committed, time: await insertWithdrawn(client, { opd, operator }, committed) };
    });

    const brokers = await awaitNarrowing(context, call, withdrawn);
    return {
      withdrawTime: withdrawn.time,
      brokersConfirmed: brokers.current,
      brokersLapsed: brokers.behind,
    };
  };
}
