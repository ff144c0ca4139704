import { SignerServiceService } from '#gen/rangkiang/audit/v1/signer_service.ts';
import type { AllowList } from '#mesh/server.ts';

/** Which processes of the mesh may call which method of the signer. */
export const allow: AllowList = {
  [SignerServiceService.getSignedHead.path]: ['audit'],
  [SignerServiceService.signHead.path]: ['audit'],
};
