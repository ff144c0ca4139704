import type { PrunedRange } from '../../proto/gen/rangkiang/audit/v1/leaf.ts';
import {
  type PruneRecordsResponse,
  type StayingBundles,
  StayReason,
} from '../../proto/gen/rangkiang/audit/v1/prune.ts';
import { enumName } from '../enum-name.ts';
import type { Locale, Text } from '../language.ts';

/** What a pruning came to, over all its calls. */
export interface PruneReport {
  readonly dryRun: boolean;
  readonly pruned: readonly PrunedRange[];
  readonly staying: readonly StayingBundles[];
}

type Reason = Exclude<keyof typeof StayReason, 'UNSPECIFIED'>;

const reasons: Readonly<Record<Reason, Text>> = {
  YOUNG: { id: 'masa simpannya belum lewat', en: 'its time is not over' },
  SEALED: { id: 'masih ada bagian tersegel', en: 'something sealed is still there' },
  NEEDED: {
    id: 'memuat perubahan kebijakan, penghapusan orang, atau catatan PRUNED',
    en: 'holds a change of the policy, an erasure or a record PRUNED',
  },
  ALTERED: {
    id: 'isinya bukan milik pohon log; jalankan "rangkiang audit verify"',
    en: 'is not what the tree of the log holds; run "rangkiang audit verify"',
  },
};

const words = {
  gone: { id: 'dihapus', en: 'removed' },
  going: { id: 'akan dihapus', en: 'would be removed' },
  records: { id: 'catatan', en: 'records' },
  stays: { id: 'tetap', en: 'stays' },
  bundles: { id: 'bundel, mulai catatan', en: 'bundles, from record' },
  nothing: { id: 'tidak ada yang dapat dihapus', en: 'nothing can be removed' },
} as const satisfies Record<string, Text>;

/** The report with one more answer: neighbours become one range, and each reason is told once. */
export function addAnswer(report: PruneReport, { pruned, staying }: PruneRecordsResponse): PruneReport {
  const ranges = report.pruned.map((range) => ({ ...range }));
  for (const range of pruned) {
    const last = ranges.at(-1);
    if (last?.belowIndex === range.firstIndex) last.belowIndex = range.belowIndex;
    else ranges.push({ ...range });
  }
  const byReason = new Map(report.staying.map((each) => [each.reason, each]));
  for (const each of staying) {
    const known = byReason.get(each.reason);
    byReason.set(each.reason, known ? { ...known, bundles: known.bundles + each.bundles } : each);
  }
  return { ...report, pruned: ranges, staying: [...byReason.values()] };
}

/** The report as lines, or as one line of JSON. */
export function reportText({ dryRun, pruned, staying }: PruneReport, locale: Locale, isJson: boolean): string {
  const counted = staying.map(({ reason, bundles, firstIndex }) => ({
    reason: enumName(StayReason, reason),
    bundles,
    firstIndex: String(firstIndex),
  }));
  if (isJson) {
    const ranges = pruned.map(({ firstIndex, belowIndex }) => ({
      firstIndex: String(firstIndex),
      belowIndex: String(belowIndex),
    }));
    return JSON.stringify({ dryRun, pruned: ranges, staying: counted });
  }
  const done = words[dryRun ? 'going' : 'gone'][locale];
  const lines = [
    ...pruned.map(({ firstIndex, belowIndex }) => {
      const count = `${belowIndex - firstIndex} ${words.records[locale]}`;
      return `${done}  ${firstIndex}-${belowIndex - 1n}  (${count})`;
    }),
    ...counted.map(({ reason, bundles, firstIndex }) => {
      const why = reasons[reason as Reason]?.[locale] ?? reason;
      return `${words.stays[locale]}  ${bundles} ${words.bundles[locale]} ${firstIndex}: ${why}`;
    }),
  ];
  return pruned.length > 0 ? lines.join('\n') : [words.nothing[locale], ...lines].join('\n');
}
