import type { SignHeadRequest, SignHeadResponse } from '#gen/rangkiang/audit/v1/signer.ts';
import type { SignedHistory } from '../domain/signed-history.ts';

/** SignHead. */
export function signHead(history: SignedHistory) {
  return async (request: SignHeadRequest): Promise<SignHeadResponse> => ({ checkpoint: history.sign(request) });
}
