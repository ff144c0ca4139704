import type { CountUseRequest, CountUseResponse } from '#gen/rangkiang/audit/v1/use.ts';
import { type CountedLog, countUse as count } from '../domain/count-use.ts';

const BUDGET_MS = 5_000;

/** CountUse. */
export function countUse(log: CountedLog) {
  return (request: CountUseRequest): Promise<CountUseResponse> => count(log, request, BUDGET_MS);
}
