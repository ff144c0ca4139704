import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { StayReason } from '#gen/rangkiang/audit/v1/prune.ts';
import { addAnswer, type PruneReport, reportText } from '../../../../cli/audit/prune-report.ts';

const { YOUNG, NEEDED } = StayReason;
const answers = [
  {
    pruned: [{ firstIndex: 0n, belowIndex: 65_536n }],
    staying: [],
    nextIndex: 65_536n,
  },
  {
    pruned: [
      { firstIndex: 65_536n, belowIndex: 66_048n },
      { firstIndex: 66_304n, belowIndex: 66_560n },
    ],
    staying: [{ reason: NEEDED, bundles: 1, firstIndex: 66_048n }],
    nextIndex: 131_072n,
  },
  {
    pruned: [],
    staying: [
      { reason: YOUNG, bundles: 2, firstIndex: 131_072n },
      { reason: NEEDED, bundles: 3, firstIndex: 131_328n },
    ],
    nextIndex: 0n,
  },
];
const report = (dryRun: boolean) => answers.reduce<PruneReport>(addAnswer, { dryRun, pruned: [], staying: [] });

describe('what a pruning came to', () => {
  it('is told as one, over all its calls', () => {
    assert.equal(
      reportText(report(false), 'en', false),
      [
        'removed  0-66047  (66048 records)',
        'removed  66304-66559  (256 records)',
        'stays  4 bundles, from record 66048: holds a change of the policy, an erasure or a record PRUNED',
        'stays  2 bundles, from record 131072: its time is not over',
      ].join('\n'),
    );
  });

  it('says of a dry run what would be, in both languages', () => {
    assert.match(reportText(report(true), 'en', false), /^would be removed {2}0-66047/);
    assert.match(reportText(report(true), 'id', false), /^akan dihapus {2}0-66047 {2}\(66048 catatan\)\n/);
    const nothing = { dryRun: false, pruned: [], staying: [] };
    assert.equal(reportText(nothing, 'id', false), 'tidak ada yang dapat dihapus');
  });

  it('is told to programs', () => {
    assert.deepEqual(JSON.parse(reportText(report(true), 'id', true)), {
      dryRun: true,
      pruned: [
        { firstIndex: '0', belowIndex: '66048' },
        { firstIndex: '66304', belowIndex: '66560' },
      ],
      staying: [
        { reason: 'NEEDED', bundles: 4, firstIndex: '66048' },
        { reason: 'YOUNG', bundles: 2, firstIndex: '131072' },
      ],
    });
  });

  it('names a reason that came after this program by its number', () => {
    const staying = [{ reason: 99 as StayReason, bundles: 1, firstIndex: 0n }];
    assert.match(reportText({ dryRun: false, pruned: [], staying }, 'en', false), /: 99$/);
  });
});
