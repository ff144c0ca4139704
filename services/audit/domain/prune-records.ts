import type { PrunedRange } from '#gen/rangkiang/audit/v1/leaf.ts';
import {
  type PruneRecordsRequest,
  type PruneRecordsResponse,
  type StayingBundles,
  StayReason,
} from '#gen/rangkiang/audit/v1/prune.ts';
import { TILE_WIDTH } from '#mesh/tlog/tile.ts';
import { keptFromUs, type PurposeRule } from './purpose-rules.ts';

/** A full bundle that still has entries. */
export interface FoundBundle {
  readonly bundle: bigint;
  /** Why it stays; null when it can go. */
  readonly stays: Exclude<keyof typeof StayReason, 'UNSPECIFIED'> | null;
}

/** The log as pruning sees it. */
export interface PrunedLog {
  /** The bundle of the first entry that is still there, from an index on. */
  firstBundle(fromIndex: bigint): Promise<bigint | undefined>;
  /** The full bundles from `first` up to, not including, `below` that still have entries, in order. */
  look(first: bigint, below: bigint, untilUs: bigint): Promise<readonly FoundBundle[]>;
  /** Removes entries that the record at `record` names, all of them or none. */
  remove(record: bigint, ranges: readonly PrunedRange[], untilUs: bigint): Promise<void>;
}

/** What pruning works with. */
export interface PruneParts {
  readonly log: PrunedLog;
  readonly rules: ReadonlyMap<number, PurposeRule>;
  nowMs(): number;
}

const WIDTH = BigInt(TILE_WIDTH);
/** Looked at in one call: 65,536 entries. At worst every second one goes, and 128 ranges of 21 bytes fit into a leaf. */
export const BUNDLES_AT_ONCE = 256n;

/** The moment before which nothing is kept for any purpose, microseconds since 1970 UTC. Throws RangeError without a rule. */
export function prunableUntilUs(rules: ReadonlyMap<number, PurposeRule>, now: Date): bigint {
  const [earliest] = [...rules.values()].map((rule) => keptFromUs(rule, now)).sort((a, b) => (a < b ? -1 : 1));
  if (earliest === undefined) throw new RangeError('no rule says for how long anything is kept');
  return earliest;
}

/** What can go, each stretch as one range. */
function rangesOf(found: readonly FoundBundle[]): PrunedRange[] {
  const ranges: PrunedRange[] = [];
  for (const { bundle, stays } of found) {
    if (stays !== null) continue;
    const last = ranges.at(-1);
    if (last?.belowIndex === bundle * WIDTH) last.belowIndex += WIDTH;
    else ranges.push({ firstIndex: bundle * WIDTH, belowIndex: (bundle + 1n) * WIDTH });
  }
  return ranges;
}

function stayingOf(found: readonly FoundBundle[]): StayingBundles[] {
  const byReason = Map.groupBy(found, ({ stays }) => stays);
  return [...byReason].flatMap(([stays, bundles]) =>
    stays === null || !bundles[0]
      ? []
      : [{ reason: StayReason[stays], bundles: bundles.length, firstIndex: bundles[0].bundle * WIDTH }],
  );
}

/**
 * Looks at the next bundles and removes what can go, unless `dryRun`. `record` commits the record that names the ranges, and
 * answers its index: it comes first, so that whatever ends this in between, nothing is missing that the log does not name.
 */
export async function pruneRecords(
  { log, rules, nowMs }: PruneParts,
  { fromIndex, dryRun }: Pick<PruneRecordsRequest, 'fromIndex' | 'dryRun'>,
  record: (pruned: readonly PrunedRange[]) => Promise<bigint>,
): Promise<PruneRecordsResponse> {
  const untilUs = prunableUntilUs(rules, new Date(nowMs()));
  const first = await log.firstBundle(fromIndex);
  if (first === undefined) return { pruned: [], staying: [], nextIndex: 0n };
  const below = first + BUNDLES_AT_ONCE;
  const found = await log.look(first, below, untilUs);
  const pruned = rangesOf(found);
  if (pruned.length > 0 && !dryRun) await log.remove(await record(pruned), pruned, untilUs);
  // Times are the writers', so one young entry says nothing of the bundle behind it; that many do.
  const isOver = found.every(({ stays }) => stays === 'YOUNG');
  return { pruned, staying: stayingOf(found), nextIndex: isOver ? 0n : below * WIDTH };
}
