import type { GetInclusionProofRequest, GetInclusionProofResponse } from '#gen/rangkiang/audit/v1/proof.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { ProvenLog } from '../domain/proven-log.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';

/** GetInclusionProof, from the tree alone: the hash of a record stays when the record is pruned. */
export function getInclusionProof({ heads, tree }: ProvenLog) {
  return async ({ index }: GetInclusionProofRequest, call: CallContext): Promise<GetInclusionProofResponse> => {
    requireWholeLog(call.grant);
    const { head, checkpoint } = heads;
    if (index >= head.size) throw new MeshError('RECORD_NOT_FOUND');
    const signed = tree(head.size);
    const [leafHash, proof] = await Promise.all([signed.leafHash(index), signed.inclusionProof(index)]);
    return { leafHash, checkpoint, proof };
  };
}
