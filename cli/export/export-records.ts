import type { WatchRecordsResponse } from '../../proto/gen/rangkiang/audit/v1/audit.ts';
import type { Cursor } from './cursor.ts';
import type { Sink, ToldRecord } from './sinks.ts';

/**
 * Carries a stream into a sink. The cursor moves only after the sink has the records for good: whatever stops the program
 * where, each record arrives, and those of one answer may arrive twice.
 */
export async function exportRecords(
  answers: AsyncIterable<WatchRecordsResponse>,
  sink: Pick<Sink, 'write'>,
  cursor: Pick<Cursor, 'write'>,
): Promise<void> {
  let kept: bigint | undefined;
  for await (const { records, nextIndex } of answers) {
    const told = records.filter((record): record is ToldRecord => record.leaf !== undefined);
    if (told.length > 0) await sink.write(told);
    if (nextIndex === kept) continue;
    await cursor.write(nextIndex);
    kept = nextIndex;
  }
}
