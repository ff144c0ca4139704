import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { UseCount } from '#gen/rangkiang/audit/v1/use.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { withDraft } from '../../../../broker/policy/draft.ts';
import { replayUse } from '../../../../broker/policy/replayed-use.ts';
import { at, issued, izinOf, noon, residentMethods, snapshotOf } from '../../../support/policy.ts';

const since = new Date(noon);

function count(changes: Partial<UseCount>): UseCount {
  return {
    kind: Kind.DISCLOSED,
    unit: 'PKM-PAUH',
    method: residentMethods.get,
    purpose: Purpose.PELAYANAN_PUBLIK,
    permit: '',
    reason: '',
    calls: 1n,
    ...changes,
  };
}

describe('replayUse', () => {
  it('counts refused calls that a draft would let in, and answered ones that it would refuse', async () => {
    const old = izinOf();
    const idle = izinOf({ number: '470/777', units: [{ unit: 'PUSAT', regions: ['13.71'] }] });
    const before = await snapshotOf(issued(old), issued(idle));
    const draft = izinOf({ methods: [residentMethods.family, residentMethods.get] });
    const installed = withDraft(before, draft, old.permitId);
    assert(typeof installed === 'object');
    const counts = [
      count({ permit: old.permitId, calls: 100n }),
      count({ permit: old.permitId, kind: Kind.EMPTY, method: residentMethods.verify, calls: 7n }),
      count({ kind: Kind.DENIED, method: residentMethods.family, reason: 'METHOD_NOT_GRANTED', calls: 5n }),
      // Refused for what no permit changes: the quota, a purpose that was not named or that nobody knows, an unknown method.
      count({ kind: Kind.DENIED, reason: 'QUOTA_EXCEEDED', calls: 11n }),
      count({ kind: Kind.DENIED, purpose: Purpose.UNSPECIFIED, calls: 13n }),
      count({ kind: Kind.DENIED, purpose: 99 as Purpose, calls: 17n }),
      count({ kind: Kind.DENIED, method: 'unknown', calls: 19n }),
    ];
    const use = { counts, complete: false, countedSince: since };
    assert.deepEqual(await replayUse('DKK', use, before, installed.snapshot, before.permits, at(noon)), {
      since,
      cutShort: true,
      answered: 107n,
      answeredNowDenied: 7n,
      denied: 65n,
      deniedNowAllowed: 5n,
      unused: [{ permit: idle.permitId, number: '470/777' }],
    });
  });
});
