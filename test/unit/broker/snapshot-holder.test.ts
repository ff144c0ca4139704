import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import type { RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import { ChangeNotUnderstood } from '../../../broker/policy/changes.ts';
import { decide } from '../../../broker/policy/decide.ts';
import { extendSnapshot } from '../../../broker/policy/extend-snapshot.ts';
import { Holding } from '../../../broker/policy/holding.ts';
import { PolicyFault, SnapshotHolder } from '../../../broker/snapshot-holder.ts';
import {
  extendByDigest,
  issued,
  izinOf,
  narrowingRecord,
  noon,
  recordOf,
  requestOf,
  revoked,
  statuteOnly,
  verifyDigest,
} from '../../support/policy.ts';

const izin = izinOf();
const log = [issued(izin), issued(izinOf()), revoked(izin.permitId)];
const start = { monoMs: 0, wallMs: 0 };

/** What the permit service with the changes `all` answers to a broker at `version`. */
function answer(all: readonly Buffer[], renewed: boolean, version: bigint, incarnation = 'A'): RenewResponse {
  return {
    renewed,
    incarnation,
    version: BigInt(all.length),
    changes: renewed ? [] : all.slice(Number(version)),
    authorityTime: new Date(noon),
    leaseMs: 3_000,
    brokers: 2,
  };
}

describe('SnapshotHolder', () => {
  let holder: SnapshotHolder;
  let steps: number[];
  beforeEach(() => {
    steps = [];
    holder = new SnapshotHolder(statuteOnly, (base, changes) => {
      steps.push(changes.length);
      return extendSnapshot(base, changes, verifyDigest);
    });
  });

  const told = () => {
    const { snapshot, time } = holder.current(start);
    const decision = decide(snapshot, requestOf({ permit: izin.permitId }), time);
    return decision.allowed ? 'allowed' : decision.reason;
  };
  /** Renews until there is a lease, as the loop does. */
  const catchUp = async (all: readonly Buffer[], incarnation = 'A') => {
    for (let round = 0; round < 9; round += 1) {
      const { version, incarnation: mine } = holder.request('session');
      const renewed = mine === incarnation && version === BigInt(all.length);
      if ((await holder.follow(answer(all, renewed, version, incarnation), start, start)) === 'RENEWED') return;
    }
    assert.fail('no lease');
  };
  const refuses = (code: string) => (error: unknown) => error instanceof PolicyFault && error.code === code;

  it('begins with nothing and no lease', () => {
    assert.equal(told(), 'POLICY_STALE');
    assert.deepEqual(holder.request('s'), {
      brokerSession: 's',
      incarnation: '',
      version: 0n,
      digest: Buffer.alloc(32),
    });
  });

  it('installs, acknowledges and decides', async () => {
    await catchUp(log.slice(0, 2));
    assert.equal(told(), 'allowed');
    assert.equal(holder.brokers, 2);
    await catchUp(log);
    assert.equal(told(), 'PERMIT_REVOKED');
    assert.equal(holder.request('s').version, 3n);
  });

  it('decides by a narrowing as soon as it is installed, under the lease that it still has', async () => {
    await catchUp(log.slice(0, 2));
    assert.equal(await holder.follow(answer(log, false, 2n), start, start), 'INSTALLED');
    assert.equal(told(), 'PERMIT_REVOKED');
  });

  it('renews an empty policy', async () => {
    await catchUp([]);
    assert.equal(told(), 'PERMIT_UNKNOWN');
  });

  it('keeps what it has, without a new lease, when a change is not understood', async () => {
    await catchUp(log.slice(0, 2));
    const odd = [...log.slice(0, 2), Buffer.from('1a00', 'hex')];
    await assert.rejects(holder.follow(answer(odd, false, 2n), start, start), ChangeNotUnderstood);
    assert.equal(holder.request('s').version, 2n);
    assert.equal(holder.current({ monoMs: 3_000, wallMs: 3_000 }).time.live, false);
  });

  it('refuses a policy that went back, and gives up its lease', async () => {
    await catchUp(log);
    await assert.rejects(holder.follow(answer(log.slice(0, 2), false, 3n), start, start), refuses('WENT_BACK'));
    assert.equal(told(), 'POLICY_STALE');
  });

  it('refuses a restored database that knows less than it has seen', async () => {
    await catchUp(log);
    await assert.rejects(holder.follow(answer(log.slice(0, 2), false, 0n, 'B'), start, start), refuses('WENT_BACK'));
    assert.equal(told(), 'POLICY_STALE');
  });

  it('follows a new incarnation that continues what it has seen, from the first change', async () => {
    await catchUp(log);
    steps = [];
    await catchUp([...log, issued(izinOf())], 'B');
    assert.deepEqual(steps, [3, 1], 'it must stop where the digests can be compared');
    assert.equal(told(), 'PERMIT_REVOKED');
  });

  it('denies while it installs a new incarnation, though its lease was live', async () => {
    await catchUp(log);
    assert.equal(await holder.follow(answer(log, false, 3n, 'B'), start, start), 'INSTALLED');
    assert.equal(told(), 'POLICY_STALE');
  });

  it('refuses a new incarnation in which the revocation did not happen', async () => {
    await catchUp(log);
    const other = [...log.slice(0, 2), issued(izinOf()), issued(izinOf())];
    await assert.rejects(catchUp(other, 'B'), refuses('HISTORY_CHANGED'));
    assert.equal(told(), 'POLICY_STALE');
    await assert.rejects(catchUp(other, 'B'), refuses('HISTORY_CHANGED'), 'it must not forget');
  });

  it('refuses what an earlier process has seen otherwise', async () => {
    await catchUp(log);
    const { version, digest } = holder.request('session');
    const restarted = () =>
      new SnapshotHolder(statuteOnly, (base, changes) => extendByDigest(base, changes), undefined, { version, digest });
    holder = restarted();
    await catchUp([...log, issued(izinOf())]);
    holder = restarted();
    await assert.rejects(catchUp(log.slice(0, 2)), refuses('WENT_BACK'));
    holder = restarted();
    await assert.rejects(catchUp([issued(izinOf()), ...log]), refuses('HISTORY_CHANGED'));
  });

  it('refuses an answer that neither renews nor tells what to install', async () => {
    await catchUp(log);
    await assert.rejects(holder.follow(answer(log, false, 3n), start, start), refuses('NOTHING_TO_INSTALL'));
    assert.equal(told(), 'POLICY_STALE');
  });

  it('refuses a renewal for another version, or without a time', async () => {
    await catchUp(log.slice(0, 2));
    await assert.rejects(holder.follow(answer(log, true, 2n), start, start), refuses('RENEWAL_MALFORMED'));
    const timeless = { ...answer(log.slice(0, 2), true, 2n), authorityTime: undefined };
    await assert.rejects(holder.follow(timeless, start, start), refuses('RENEWAL_MALFORMED'));
  });

  describe('held against the audit log', () => {
    let holding: Holding;
    beforeEach(() => {
      holding = new Holding();
      holder = new SnapshotHolder(
        statuteOnly,
        (base, changes, missing) =>
          extendByDigest(base, changes, { isRecorded: (digest) => holding.isRecorded(digest), missing }),
        holding,
      );
    });
    const [issue, , revocation] = log as [Buffer, Buffer, Buffer];

    it('lets a widening count when its record comes, under the lease that it has', async () => {
      await catchUp([issue]);
      assert.equal(told(), 'PERMIT_IN_DOUBT');
      holding.record([recordOf(0, issue)]);
      assert.equal(told(), 'PERMIT_IN_DOUBT');
      await holder.settle();
      assert.equal(told(), 'allowed');
      const { snapshot } = holder.current(start);
      await holder.settle();
      assert.equal(holder.current(start).snapshot, snapshot);
      assert.equal(holder.request('s').version, 1n);
    });

    it('denies what is recorded as revoked before the policy log says so, and goes on as if it had known', async () => {
      holding.record([recordOf(0, issue)]);
      await catchUp([issue]);
      assert.equal(told(), 'allowed');
      holding.record([narrowingRecord(1, revocation)]);
      await holder.settle();
      assert.equal(told(), 'PERMIT_REVOKED');
      await catchUp([issue, revocation]);
      assert.equal(told(), 'PERMIT_REVOKED');
      assert.deepEqual([holding.missing.size, holder.current(start).snapshot.missing], [0, []]);
    });

    it('denies what somebody has un-revoked, also when the policy was rewritten or emptied', async () => {
      holding.record([recordOf(0, issue), narrowingRecord(1, revocation)]);
      await catchUp([issue, issued(izinOf())], 'B');
      assert.equal(told(), 'PERMIT_REVOKED');
      const other = new SnapshotHolder(
        statuteOnly,
        (base, changes, missing) => extendByDigest(base, changes, { missing }),
        holding,
      );
      holder = other;
      await catchUp([], 'C');
      assert.equal(holder.current(start).snapshot.revoked.has(izin.permitId), true);
    });

    it('gives no lease while a narrowing is recorded that it cannot understand', async () => {
      await catchUp([]);
      holding.record([{ ...recordOf(0, revocation, { $case: 'change', value: Buffer.from('1a00', 'hex') }) }]);
      await assert.rejects(holder.settle(), ChangeNotUnderstood);
      await assert.rejects(holder.settle(), ChangeNotUnderstood);
    });
  });
});
