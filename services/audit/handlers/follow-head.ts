import type { FollowHeadRequest, FollowHeadResponse } from '#gen/rangkiang/audit/v1/proof.ts';
import { followFrom, type ProvenLog } from '../domain/proven-log.ts';

/** FollowHead. */
export function followHead(log: ProvenLog) {
  return ({ knownSize, size }: FollowHeadRequest): Promise<FollowHeadResponse> => followFrom(log, knownSize, size);
}
