import type { GetRecordRequest, GetRecordResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { type RecordRow, recordOf } from '../domain/record-page.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';

/** GetRecord. */
export function getRecord(log: { at(index: bigint): Promise<RecordRow | undefined> }) {
  return async ({ index }: GetRecordRequest, call: CallContext): Promise<GetRecordResponse> => {
    requireWholeLog(call.grant);
    const row = await log.at(index);
    if (!row) throw new MeshError('RECORD_NOT_FOUND');
    call.record.rows = 1;
    return { record: recordOf(row) };
  };
}
