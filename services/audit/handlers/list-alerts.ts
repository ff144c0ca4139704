import type { ListAlertsRequest, ListAlertsResponse } from '#gen/rangkiang/audit/v1/alert.ts';
import type { CallContext } from '#mesh/server.ts';
import { type AlertLog, listAlerts as listPage } from '../domain/list-alerts.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';

/** ListAlerts. */
export function listAlerts(log: AlertLog) {
  return async (request: ListAlertsRequest, call: CallContext): Promise<ListAlertsResponse> => {
    requireWholeLog(call.grant);
    const page = await listPage(log, request);
    call.record.rows = page.alerts.length;
    return page;
  };
}
