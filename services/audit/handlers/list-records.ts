import type { ListRecordsRequest, ListRecordsResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import type { CallContext } from '#mesh/server.ts';
import { type ListedLog, listRecords as listPage } from '../domain/list-records.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';

const BUDGET_MS = 2_000;

/** ListRecords. */
export function listRecords(log: ListedLog) {
  return async (request: ListRecordsRequest, call: CallContext): Promise<ListRecordsResponse> => {
    requireWholeLog(call.grant);
    const page = await listPage(log, request, BUDGET_MS);
    call.record.rows = page.records.length;
    return page;
  };
}
