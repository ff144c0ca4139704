import type { GetConsistencyProofRequest, GetConsistencyProofResponse } from '#gen/rangkiang/audit/v1/proof.ts';
import type { CallContext } from '#mesh/server.ts';
import { followFrom, type ProvenLog } from '../domain/proven-log.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';

/** GetConsistencyProof. */
export function getConsistencyProof(log: ProvenLog) {
  return async ({ fromSize }: GetConsistencyProofRequest, call: CallContext): Promise<GetConsistencyProofResponse> => {
    requireWholeLog(call.grant);
    return followFrom(log, fromSize);
  };
}
