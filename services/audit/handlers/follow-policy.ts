import type { FollowPolicyRequest, FollowPolicyResponse } from '#gen/rangkiang/audit/v1/policy_feed.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { type FollowedLog, followPolicy as follow } from '../domain/follow-policy.ts';

/** FollowPolicy. Ends when the service stops: brokers open it again with whoever serves then. */
export function followPolicy(log: FollowedLog, stopping: AbortSignal) {
  return async function* (
    requests: AsyncIterable<FollowPolicyRequest>,
    call: CallContext,
  ): AsyncGenerator<FollowPolicyResponse> {
    const signal = AbortSignal.any([call.signal, stopping]);
    for await (const { fromIndex } of requests) yield* follow(log, fromIndex, signal);
    if (stopping.aborted) throw new MeshError('SERVICE_UNAVAILABLE');
  };
}
