import type { ReadRecordRequest, ReadRecordResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { recordOf } from '../domain/record-page.ts';
import { type RecordLog, requireRecord } from '../domain/require-record.ts';

/** ReadRecord. */
export function readRecord(log: RecordLog) {
  return async ({ index }: ReadRecordRequest): Promise<ReadRecordResponse> => ({
    record: recordOf(await requireRecord(log, index)),
  });
}
