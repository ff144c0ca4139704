import { SignerServiceService } from '#gen/rangkiang/audit/v1/signer_service.ts';
import type { Channel } from '#mesh/client.ts';
import type { HeadSigner } from './domain/head-keeper.ts';

const TIMEOUT_MS = 2_000;

/** The signer as a process of the mesh. */
export function meshSigner(channel: Channel): HeadSigner {
  const options = { timeoutMs: TIMEOUT_MS };
  return {
    newest: async () => (await channel.unary(SignerServiceService.getSignedHead, {}, options)).checkpoint,
    sign: async (request) => (await channel.unary(SignerServiceService.signHead, request, options)).checkpoint,
  };
}
