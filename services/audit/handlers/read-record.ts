import type { ReadRecordRequest, ReadRecordResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { MeshError } from '#mesh/errors.ts';
import { type RecordRow, recordOf } from '../domain/record-page.ts';

/** ReadRecord. */
export function readRecord(log: { at(index: bigint): Promise<RecordRow | undefined> }) {
  return async ({ index }: ReadRecordRequest): Promise<ReadRecordResponse> => {
    const row = await log.at(index);
    if (!row) throw new MeshError('RECORD_NOT_FOUND');
    return { record: recordOf(row) };
  };
}
