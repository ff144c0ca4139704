import type { ListSigningKeysRequest, ListSigningKeysResponse } from '#gen/rangkiang/permit/v1/signing_key.ts';
import type { PermitContext } from '../context.ts';
import { signingKeyStates } from '../domain/signing-key-states.ts';
import { signingKeysNow } from '../store/signing-keys.ts';

/** Lists the Walikota's keys, also those that ended. */
export function listSigningKeys({ pool, pinned }: PermitContext) {
  return async (_request: ListSigningKeysRequest): Promise<ListSigningKeysResponse> => ({
    keys: signingKeyStates(await signingKeysNow(pool, pinned), pinned),
  });
}
