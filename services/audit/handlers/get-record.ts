import type { GetRecordRequest, GetRecordResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import type { CallContext } from '#mesh/server.ts';
import { recordOf } from '../domain/record-page.ts';
import { type RecordLog, requireRecord } from '../domain/require-record.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';

/** GetRecord. */
export function getRecord(log: RecordLog) {
  return async ({ index }: GetRecordRequest, call: CallContext): Promise<GetRecordResponse> => {
    requireWholeLog(call.grant);
    const row = await requireRecord(log, index);
    call.record.rows = 1;
    return { record: recordOf(row) };
  };
}
