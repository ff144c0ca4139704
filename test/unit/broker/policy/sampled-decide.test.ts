import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { sampledDecide } from '../../../../broker/policy/sampled-decide.ts';
import { at, issued, izinOf, noon, requestOf, snapshotOf } from '../../../support/policy.ts';

describe('sampledDecide', () => {
  it('asks the oracle for one call in so many, and otherwise decides alone', async () => {
    const snapshot = await snapshotOf(issued(izinOf()));
    let asked = 0;
    let alarms = 0;
    const decide = sampledDecide(
      10,
      () => {
        alarms += 1;
      },
      () => {
        asked += 1;
        return { reason: 'NO_PERMIT' };
      },
    );
    const decisions = Array.from({ length: 30 }, () => decide(snapshot, requestOf(), at(noon)));
    assert.deepEqual([asked, alarms], [3, 3]);
    // Where the oracle said otherwise the call is denied.
    assert.deepEqual(
      decisions.flatMap((decision, index) => (decision.allowed ? [] : [[index, decision.reason]])),
      [9, 19, 29].map((index) => [index, 'INTERNAL']),
    );
  });

  it('changes nothing while the two agree', async () => {
    const snapshot = await snapshotOf(issued(izinOf()));
    const decide = sampledDecide(1, () => assert.fail('they agree'));
    assert.equal(decide(snapshot, requestOf(), at(noon)).allowed, true);
    assert.equal(decide(snapshot, requestOf({ opd: 'DISDIK' }), at(noon)).allowed, false);
  });
});
