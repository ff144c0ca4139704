import type { ListRecordsRequest, ListRecordsResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { BreachedAccess, ListBreachedRequest, ListBreachedResponse } from '#gen/rangkiang/audit/v1/subject.ts';
import type { OpenedPart } from './seal.ts';

/** What a listing of a breach works with. */
export interface BreachParts {
  /** As ListRecords. */
  list(request: ListRecordsRequest): Promise<ListRecordsResponse>;
  /** What is sealed beside these records and can still be opened, by index. */
  openParts(indexes: readonly bigint[]): Promise<ReadonlyMap<bigint, readonly OpenedPart[]>>;
}

// A record may concern 500 residents.
const PAGE_SIZE = 50;

/** What one operator was shown in a stretch of time, newest first, and whose data they were. Throws PAGE_TOKEN_INVALID. */
export async function listBreached(
  { list, openParts }: BreachParts,
  { operatorPseudonym, fromTime, belowTime, pageToken }: ListBreachedRequest,
): Promise<ListBreachedResponse> {
  const filter = {
    ...{ opd: '', kinds: [Kind.DISCLOSED], method: '', reason: '', permit: '', emergency: '', outcome: 0 as const },
    ...{ operatorPseudonym, fromTime, belowTime },
  };
  const { records, nextPageToken } = await list({ filter, pageSize: PAGE_SIZE, pageToken });
  const opened = await openParts(records.map(({ index }) => index));
  const accesses = records.flatMap(({ index, leaf }): BreachedAccess[] => {
    if (!leaf) return [];
    const subjects = (opened.get(index) ?? []).flatMap((part) => part.subjects);
    const niks = [...new Set(subjects.map(({ nik }) => nik))];
    const { timeUs, opd, unit, system, purpose, method, permit, elements, subjectCount } = leaf;
    const time = new Date(Number(timeUs / 1_000n));
    const erased = subjectCount - subjects.length;
    return [{ index, time, opd, unit, system, purpose, method, permit, elements, niks, erased }];
  });
  return { accesses, nextPageToken };
}
