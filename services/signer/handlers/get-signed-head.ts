import type { GetSignedHeadRequest, GetSignedHeadResponse } from '#gen/rangkiang/audit/v1/signer.ts';
import type { SignedHistory } from '../domain/signed-history.ts';

/** GetSignedHead. */
export function getSignedHead(history: SignedHistory) {
  return async (_request: GetSignedHeadRequest): Promise<GetSignedHeadResponse> => ({ checkpoint: history.newest });
}
