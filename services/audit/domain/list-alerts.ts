import type { Alert, ListAlertsRequest, ListAlertsResponse } from '#gen/rangkiang/audit/v1/alert.ts';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type RecordRow, recordOf } from './record-page.ts';

/** Alerts and acknowledgements as a listing reads them. */
export interface AlertLog {
  /** So many alerts below an index, newest first. */
  below(index: bigint, limit: number): Promise<readonly RecordRow[]>;
  /** All acknowledgements above an index, oldest first. */
  acknowledgementsAbove(index: bigint): Promise<readonly RecordRow[]>;
}

const PAGE_SIZE = 100;
/** Beyond what Postgres has numbers for there is nothing. */
const END = (1n << 63n) - 1n;

/** The first acknowledgement of each alert, by the alert's event id in base64. */
export function firstByAlert(acknowledgements: readonly RecordRow[]): ReadonlyMap<string, RecordRow> {
  const first = new Map<string, RecordRow>();
  for (const row of acknowledgements) {
    const alert = Leaf.decode(row.leaf).refersTo.toString('base64');
    if (!first.has(alert)) first.set(alert, row);
  }
  return first;
}

/** One page of alerts. Of 100 it shows those that are open, or all: a page may be empty and yet not be the last. */
export async function listAlerts(log: AlertLog, request: ListAlertsRequest): Promise<ListAlertsResponse> {
  const { belowIndex, includeAcknowledged } = request;
  const rows = await log.below(belowIndex > 0n && belowIndex < END ? belowIndex : END, PAGE_SIZE);
  const oldest = rows.at(-1);
  if (!oldest) return { alerts: [], nextBelowIndex: 0n };
  const acknowledged = firstByAlert(await log.acknowledgementsAbove(oldest.index));
  const alerts = rows.map((row): Alert => {
    const record = recordOf(row);
    const said = acknowledged.get(record.leaf?.eventId.toString('base64') ?? '');
    return { record, acknowledgement: said && recordOf(said) };
  });
  return {
    alerts: alerts.filter(({ acknowledgement }) => includeAcknowledged || !acknowledgement),
    nextBelowIndex: rows.length === PAGE_SIZE ? oldest.index : 0n,
  };
}
