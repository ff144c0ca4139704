import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { PrunedRange } from '#gen/rangkiang/audit/v1/leaf.ts';
import { StayReason } from '#gen/rangkiang/audit/v1/prune.ts';
import { LEAF_MAX_BYTES } from '../../../../../services/audit/domain/check-entry.ts';
import {
  BUNDLES_AT_ONCE,
  type FoundBundle,
  prunableUntilUs,
  pruneRecords,
} from '../../../../../services/audit/domain/prune-records.ts';
import { readPurposeRules } from '../../../../../services/audit/domain/purpose-rules.ts';
import { someEntry } from '../../../../support/audit-entries.ts';

const NOW = new Date('2026-11-24T08:00:00Z');
const rules = readPurposeRules();
const stays = fc.constantFrom<FoundBundle['stays']>(null, 'YOUNG', 'SEALED', 'NEEDED', 'ALTERED');

/** A log of these bundles, and what happened to it in order. */
function pruningOf(bundles: readonly FoundBundle[]) {
  const events: string[] = [];
  const removed: PrunedRange[] = [];
  const log = {
    firstBundle: async (from: bigint) => bundles.find(({ bundle }) => (bundle + 1n) * 256n > from)?.bundle,
    look: async (first: bigint, below: bigint, untilUs: bigint) => {
      assert.equal(untilUs, prunableUntilUs(rules, NOW));
      return bundles.filter(({ bundle }) => bundle >= first && bundle < below);
    },
    remove: async (record: bigint, ranges: readonly PrunedRange[]) => {
      events.push(`remove by ${record}`);
      removed.push(...ranges);
    },
  };
  const run = (fromIndex = 0n, dryRun = false) =>
    pruneRecords({ log, rules, nowMs: () => NOW.getTime() }, { fromIndex, dryRun }, async (pruned) => {
      events.push(`record ${pruned.length}`);
      return 99_000n;
    });
  return { run, events, removed };
}

const bundle = (at: number, why: FoundBundle['stays'] = null): FoundBundle => ({ bundle: BigInt(at), stays: why });

describe('pruning', () => {
  it('takes nothing that is kept for any purpose', () => {
    assert.equal(prunableUntilUs(rules, NOW), BigInt(Date.UTC(2016, 10, 24, 8)) * 1_000n);
    assert.throws(() => prunableUntilUs(new Map(), NOW), RangeError);
  });

  it('records what goes before it goes, neighbours as one range, and tells why the rest stays', async () => {
    const { run, events, removed } = pruningOf([
      bundle(0),
      bundle(1),
      bundle(2, 'NEEDED'),
      bundle(4),
      bundle(5, 'YOUNG'),
      bundle(6, 'YOUNG'),
    ]);
    const answer = await run();
    assert.deepEqual(answer.pruned, [
      { firstIndex: 0n, belowIndex: 512n },
      { firstIndex: 1024n, belowIndex: 1280n },
    ]);
    assert.deepEqual(answer.staying, [
      { reason: StayReason.NEEDED, bundles: 1, firstIndex: 512n },
      { reason: StayReason.YOUNG, bundles: 2, firstIndex: 1280n },
    ]);
    assert.deepEqual(events, ['record 2', 'remove by 99000']);
    assert.deepEqual(removed, answer.pruned);
  });

  it('removes nothing in a dry run, nor without anything that can go', async () => {
    const dry = pruningOf([bundle(0)]);
    assert.equal((await dry.run(0n, true)).pruned.length, 1);
    const nothing = pruningOf([bundle(0, 'SEALED')]);
    await nothing.run();
    assert.deepEqual([dry.events, nothing.events], [[], []]);
  });

  it('goes on from call to call over every bundle once, until all that follow are young', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stays, { maxLength: 900 }), async (reasons) => {
        const bundles = reasons.map((why, at) => bundle(at, why));
        const { run } = pruningOf(bundles);
        let [from, looked, gone] = [0n, 0, 0n];
        do {
          const { pruned, staying, nextIndex } = await run(from);
          gone += pruned.reduce((sum, { firstIndex, belowIndex }) => sum + belowIndex - firstIndex, 0n);
          looked += staying.reduce((sum, { bundles: some }) => sum + some, 0);
          from = nextIndex;
        } while (from > 0n);
        const seen = looked + Number(gone / 256n);
        assert.ok(reasons.slice(seen).every((why) => why === 'YOUNG'));
        assert.equal(gone, 256n * BigInt(reasons.filter((why) => why === null).length));
      }),
      { numRuns: 50 },
    );
  });

  it('fits into its record at worst, when every second bundle goes', () => {
    const pruned = Array.from({ length: Number(BUNDLES_AT_ONCE) / 2 }, (_, at) => {
      const firstIndex = (1n << 62n) + BigInt(at * 512);
      return { firstIndex, belowIndex: firstIndex + 256n };
    });
    assert.ok(someEntry({ pruned }).leaf.length < LEAF_MAX_BYTES - 800);
  });
});
