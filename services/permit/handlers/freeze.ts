import { randomUUID } from 'node:crypto';
import { type DirectiveTarget, FreezeRequest, type FreezeResponse } from '#gen/rangkiang/permit/v1/directive.ts';
import { methods } from '#mesh/contract.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { inTransaction, type PoolClient } from '#mesh/sql.ts';
import type { PermitContext } from '../context.ts';
import { locksOut, methodOf, officesBesideOpd, opdOf } from '../domain/freezable.ts';
import { awaitNarrowing, narrow } from '../narrowing.ts';
import { findDirective, insertDirective, isRegistered } from '../store/directives.ts';
import { claimRequest } from '../store/requests.ts';

/**
 * Freezes for the whole city. It narrows what is allowed, so it counts from its commit on, record or no record, and is
 * answered as a revocation is: when no broker acts on the policy before it. A repeated request waits for the same.
 */
export function freeze(context: PermitContext) {
  const { pool } = context;
  return async (request: FreezeRequest, call: CallContext): Promise<FreezeResponse> => {
    const { target, reason } = request;
    if (!target) throw new MeshError('REQUEST_INVALID');
    const stored = await inTransaction(pool, async (client) => {
      const { isFirst, subjectId: directiveId } = await claimRequest(client, {
        opd: call.grant.opd,
        requestId: request.requestId,
        method: call.method.path,
        request: FreezeRequest.encode(request).finish(),
        subjectId: randomUUID(),
      });
      if (isFirst) {
        await checkTarget(client, target);
        const directive = { directiveId, target, reason };
        const { version, event } = await narrow(client, context, call, { $case: 'frozen', value: directive });
        const frozen = { directive, frozenBy: call.grant.opd, freezeEvent: event, policyVersion: version };
        await insertDirective(client, frozen);
      }
      return findDirective(client, directiveId);
    });
    if (!stored) throw new MeshError('DIRECTIVE_NOT_FOUND');

    const { policyVersion: version } = stored.state;
    const brokers = await awaitNarrowing(context, call, { version, event: stored.freezeEvent });
    return { directive: stored.state, brokersConfirmed: brokers.current, brokersLapsed: brokers.behind };
  };
}

/** A mistyped target freezes nothing while somebody believes it does; what can be known is therefore checked. */
async function checkTarget(client: PoolClient, target: DirectiveTarget): Promise<void> {
  if (locksOut(target)) throw new MeshError('TARGET_NOT_FREEZABLE');
  const opd = opdOf(target);
  if (opd !== undefined && !officesBesideOpd.includes(opd) && !(await isRegistered(client, opd))) {
    throw new MeshError('OPD_UNKNOWN');
  }
  const method = methodOf(target);
  if (method !== undefined && methods.get(method)?.policy.door !== 'BROKER') {
    const violation = { field: 'target.method', description: 'is no method behind the door' };
    throw new MeshError('REQUEST_INVALID', { violations: [violation] });
  }
}
