import { type ListRecordsRequest, type ListRecordsResponse, RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { pageToken, readPageToken } from './page-token.ts';
import { chosenBy, everything, microseconds } from './record-filter.ts';
import { fitting, type RecordRow, recordOf, type Stretch } from './record-page.ts';

/** The log as a listing reads it. */
export interface ListedLog {
  /** How many records there are. */
  size(): Promise<bigint>;
  /** Newest first. */
  newest(stretch: Stretch): Promise<readonly RecordRow[]>;
  /** The record at an index; undefined beyond the end. */
  at(index: bigint): Promise<RecordRow | undefined>;
}

const USUAL_PAGE_SIZE = 100;
// Reading 100,000 records takes about 50 ms.
const STRETCH = 100_000n;
// An outbox can bring a record late; whoever asks for a time still finds those that came within a day of it.
const LATE_US = 86_400_000_000n;

/** Whether the log's records up to this one were all written before the filter's time begins. */
function isBefore(row: RecordRow | undefined, { fromTime }: RecordFilter): boolean {
  return row !== undefined && fromTime !== undefined && Leaf.decode(row.leaf).timeUs + LATE_US < microseconds(fromTime);
}

/**
 * One page of records, newest first. Looks for at most `budgetMs`: when few records pass the filter, a page may be short or
 * empty and yet have a token to go on with. Throws PAGE_TOKEN_INVALID.
 */
export async function listRecords(
  log: ListedLog,
  request: ListRecordsRequest,
  budgetMs: number,
): Promise<ListRecordsResponse> {
  const chosen = chosenBy(request.filter ?? everything);
  const { filter } = chosen;
  const listing = RecordFilter.encode(filter).finish();
  const pageSize = request.pageSize || USUAL_PAGE_SIZE;
  const untilMs = performance.now() + budgetMs;
  let below = await log.size();
  if (request.pageToken) {
    const goOnBelow = readPageToken(request.pageToken, listing);
    if (goOnBelow < below) below = goOnBelow;
  }
  const found: RecordRow[] = [];
  do {
    const limit = pageSize - found.length;
    const from = below > STRETCH ? below - STRETCH : 0n;
    const rows = await log.newest({ filter, from, below, limit });
    found.push(...rows.filter(({ leaf }) => chosen.passes(Leaf.decode(leaf))));
    below = rows.length === limit ? (rows.at(-1)?.index ?? from) : from;
    if (filter.fromTime && isBefore(await log.at(below), filter)) below = 0n;
  } while (below > 0n && found.length < pageSize && performance.now() < untilMs);
  const page = fitting(found);
  if (page.length < found.length) below = page.at(-1)?.index ?? below;
  return {
    records: page.map(recordOf),
    nextPageToken: below > 0n ? pageToken(below, listing) : '',
    searchedFromIndex: below,
  };
}
