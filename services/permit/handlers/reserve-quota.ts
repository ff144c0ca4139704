import type { ReserveQuotaRequest, ReserveQuotaResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import { MeshError } from '#mesh/errors.ts';
import { isReservable } from '../domain/quota.ts';
import type { PolicyStore } from '../store/policy-store.ts';

/** Reserves rows of a permit's day for a broker; `nowMs` (since 1970 UTC) tells which days may be reserved. */
export function reserveQuota(store: Pick<PolicyStore, 'reserveQuota'>, nowMs: () => number) {
  return async (request: ReserveQuotaRequest): Promise<ReserveQuotaResponse> => {
    const { reservationId, permitId, day, rowsNeeded } = request;
    if (!isReservable(day, nowMs())) {
      throw new MeshError('REQUEST_INVALID', { violations: [{ field: 'day', description: 'is not today' }] });
    }
    const { rows, left } = await store.reserveQuota({ reservationId, permitId, day, needed: rowsNeeded });
    return { rows, rowsLeft: left };
  };
}
