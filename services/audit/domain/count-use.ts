import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { CountUseRequest, CountUseResponse, UseCount } from '#gen/rangkiang/audit/v1/use.ts';
import type { ListedLog } from './list-records.ts';
import { everything } from './record-filter.ts';

const COUNTED = [Kind.DISCLOSED, Kind.EMPTY, Kind.DENIED];
/** Looking through so many indexes of the log for one agency takes at most 50 ms. */
const STRETCH = 100_000n;
/** 1.7 MB of leaves at a time. */
const ROWS_AT_ONCE = 5_000;
/** 1 MB in the answer; an agency has as many kinds of calls as units x methods x permits. */
const MOST_COUNTS = 5_000;

/**
 * Counts the calls of one agency, newest first, until `request.since` is reached, about 10 us a record. Gives up after
 * `budgetMs` and says how far it came. The time of a record is its writer's, so the edge is as sharp as clocks agree.
 */
export async function countUse(
  log: ListedLog,
  { opd, since }: CountUseRequest,
  budgetMs: number,
): Promise<CountUseResponse> {
  const untilMs = performance.now() + budgetMs;
  const filter = { ...everything, opd, kinds: COUNTED };
  const sinceUs = BigInt(since?.getTime() ?? 0) * 1_000n;
  const counts = new Map<string, UseCount>();
  // Everything from this index on is counted.
  let below = await log.size();
  let edgeUs: bigint | undefined;
  do {
    const from = below > STRETCH ? below - STRETCH : 0n;
    const rows = await log.newest({ filter, from, below, limit: ROWS_AT_ONCE });
    for (const { leaf } of rows) tally(counts, Leaf.decode(leaf), sinceUs);
    below = rows.length === ROWS_AT_ONCE ? (rows.at(-1)?.index ?? from) : from;
    const edge = await log.at(below);
    edgeUs = edge && Leaf.decode(edge.leaf).timeUs;
  } while (
    below > 0n &&
    (edgeUs === undefined || edgeUs >= sinceUs) &&
    counts.size < MOST_COUNTS &&
    performance.now() < untilMs
  );
  const complete = below === 0n || (edgeUs !== undefined && edgeUs < sinceUs);
  const countedSince = complete || edgeUs === undefined ? since : new Date(Number(edgeUs / 1_000n));
  return { counts: [...counts.values()], complete, countedSince };
}

function tally(counts: Map<string, UseCount>, leaf: Leaf, sinceUs: bigint): void {
  if (leaf.timeUs < sinceUs) return;
  const { kind, unit, method, purpose, reason } = leaf;
  // A refused call's permit is whatever its caller wrote: to count by it would let the caller make the answer long.
  const permit = kind === Kind.DENIED ? '' : leaf.permit;
  const key = JSON.stringify([kind, unit, method, purpose, permit, reason]);
  const count = counts.get(key) ?? { kind, unit, method, purpose, permit, reason, calls: 0n };
  count.calls += 1n;
  counts.set(key, count);
}
