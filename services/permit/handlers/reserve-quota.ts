import type { ReserveQuotaRequest, ReserveQuotaResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import { MeshError } from '#mesh/errors.ts';
import type { PermitContext } from '../context.ts';
import { isReservable } from '../domain/quota.ts';
import { reserveQuota as reserve } from '../store/quota.ts';

/** Reserves rows of a permit's day for a broker. */
export function reserveQuota({ pool }: PermitContext) {
  return async (request: ReserveQuotaRequest): Promise<ReserveQuotaResponse> => {
    const { reservationId, permitId, day, rowsNeeded } = request;
    if (!isReservable(day, Date.now())) {
      throw new MeshError('REQUEST_INVALID', { violations: [{ field: 'day', description: 'is not today' }] });
    }
    const { rows, left } = await reserve(pool, { reservationId, permitId, day, needed: rowsNeeded });
    return { rows, rowsLeft: left };
  };
}
