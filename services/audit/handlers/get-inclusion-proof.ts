import type { GetInclusionProofRequest, GetInclusionProofResponse } from '#gen/rangkiang/audit/v1/proof.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { ProvenLog } from '../domain/proven-log.ts';
import type { RecordRow } from '../domain/record-page.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';

/** GetInclusionProof. */
export function getInclusionProof(log: ProvenLog & { at(index: bigint): Promise<RecordRow | undefined> }) {
  return async ({ index }: GetInclusionProofRequest, call: CallContext): Promise<GetInclusionProofResponse> => {
    requireWholeLog(call.grant);
    const { head, checkpoint } = log.heads;
    const row = index < head.size ? await log.at(index) : undefined;
    if (!row) throw new MeshError('RECORD_NOT_FOUND');
    return { leafHash: row.leafHash, checkpoint, proof: await log.tree(head.size).inclusionProof(index) };
  };
}
