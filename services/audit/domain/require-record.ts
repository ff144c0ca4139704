import { MeshError } from '#mesh/errors.ts';
import type { RecordRow } from './record-page.ts';

/** The log as single records are read. */
export interface RecordLog {
  /** The record at an index; undefined beyond the end, and where it was pruned. */
  at(index: bigint): Promise<RecordRow | undefined>;
  isPruned(index: bigint): Promise<boolean>;
}

/** The record at an index. Throws RECORD_NOT_FOUND, or RECORD_PRUNED. */
export async function requireRecord(log: RecordLog, index: bigint): Promise<RecordRow> {
  const row = await log.at(index);
  if (row) return row;
  throw new MeshError((await log.isPruned(index)) ? 'RECORD_PRUNED' : 'RECORD_NOT_FOUND');
}
