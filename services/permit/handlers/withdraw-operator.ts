import { randomUUID } from 'node:crypto';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { WithdrawOperatorRequest, type WithdrawOperatorResponse } from '#gen/rangkiang/permit/v1/operator.ts';
import { MeshError } from '#mesh/errors.ts';
import { operatorDigest } from '#mesh/operator.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction } from '#mesh/sql.ts';
import { changeRecord } from '../change-record.ts';
import type { PermitContext } from '../context.ts';
import { changeBytes, changeDigest } from '../domain/change-bytes.ts';
import { awaitNarrowing } from '../narrowing.ts';
import { findWithdrawn, insertWithdrawn, lockOperators } from '../store/operators.ts';
import { appendChange } from '../store/policy.ts';
import { claimRequest } from '../store/requests.ts';

/**
 * Withdraws an operator of the caller's OPD, whichever key asserts them and whether one ever did. It counts from its
 * commit on, record or no record; a repeated request waits for the same.
 */
export function withdrawOperator(context: PermitContext) {
  const { pool, relay } = context;
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

      const event = call.grant.callId;
      const value = { opd, operatorDigest: operatorDigest(opd, operator) };
      const change = changeBytes({ $case: 'operatorWithdrawn', value });
      // Who it is about lies sealed beside the record.
      call.record.searchTerms = operator;
      const policyChangeDigest = changeDigest(change);
      await relay.enqueue(client, changeRecord(call, { kind: Kind.POLICY, policyChangeDigest }));
      const version = await appendChange(client, change);
      const time = await insertWithdrawn(client, { opd, operator }, { version, event });
      return { version, event, time };
    });

    const brokers = await awaitNarrowing(context, call, withdrawn);
    return {
      withdrawTime: withdrawn.time,
      brokersConfirmed: brokers.current,
      brokersLapsed: brokers.behind,
    };
  };
}
