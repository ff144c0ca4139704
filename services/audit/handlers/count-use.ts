import type { CountUseRequest, CountUseResponse } from '#gen/rangkiang/audit/v1/use.ts';
import { countUse as count } from '../domain/count-use.ts';
import type { ListedLog } from '../domain/list-records.ts';

const BUDGET_MS = 5_000;

/** CountUse. */
export function countUse(log: ListedLog) {
  return (request: CountUseRequest): Promise<CountUseResponse> => count(log, request, BUDGET_MS);
}
