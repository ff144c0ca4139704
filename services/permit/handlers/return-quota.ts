import type { ReturnQuotaRequest, ReturnQuotaResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import type { PermitContext } from '../context.ts';
import { returnQuota as giveBack } from '../store/quota.ts';

/** Takes back what a broker did not use of a reservation. */
export function returnQuota({ pool }: PermitContext) {
  return async (request: ReturnQuotaRequest): Promise<ReturnQuotaResponse> => {
    await giveBack(pool, request.reservationId, request.rows);
    return {};
  };
}
