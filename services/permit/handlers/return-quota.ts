import type { ReturnQuotaRequest, ReturnQuotaResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import type { PolicyStore } from '../store/policy-store.ts';

/** Takes back what a broker did not use of a reservation. */
export function returnQuota(store: Pick<PolicyStore, 'returnQuota'>) {
  return async (request: ReturnQuotaRequest): Promise<ReturnQuotaResponse> => {
    await store.returnQuota(request.reservationId, request.rows);
    return {};
  };
}
