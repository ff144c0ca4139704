import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, it } from 'mocha';
import { pinnedKeys } from '#mesh/signing-keys.ts';
import { ChangeNotUnderstood } from '../../../../broker/policy/changes.ts';
import { decide, type PolicyRequest } from '../../../../broker/policy/decide.ts';
import type { ExtendOptions } from '../../../../broker/policy/extend-snapshot.ts';
import { digestOf, type RecordedNarrowing } from '../../../../broker/policy/holding.ts';
import { agrees, decideNaively } from '../../../../broker/policy/oracle.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import { changeBytes } from '../../../../services/permit/domain/change-bytes.ts';
import {
  at,
  directiveOf,
  extendByDigest,
  frozen,
  issued,
  izinOf,
  lifted,
  noon,
  reinstated,
  requestOf,
  revoked,
  snapshotOf,
  statuteOnly,
  suspended,
  told,
} from '../../../support/policy.ts';
import { newSigner, orderBy } from '../../../support/signing-keys.ts';

const izin = izinOf();
const issue = issued(izin);
const freeze = directiveOf({ $case: 'opd', value: 'DKK' });

/** What a snapshot says to a call, the oracle agreeing. */
function says(snapshot: Snapshot, changes: Partial<PolicyRequest> = {}): string {
  const request = requestOf(changes);
  const decision = decide(snapshot, request, at(noon));
  assert(agrees(decision, decideNaively(snapshot, request, at(noon))));
  return told(decision);
}

describe('a policy log held against the audit log', () => {
  let recorded: Set<string>;
  beforeEach(() => {
    recorded = new Set();
  });
  const extend = (base: Snapshot, changes: Buffer[], missing: ExtendOptions['missing'] = []) =>
    extendByDigest(base, changes, { isRecorded: (digest) => recorded.has(digest), missing });
  const record = (...changes: Buffer[]) => {
    for (const change of changes) recorded.add(digestOf(change));
  };

  it('lets no permit count without its record, and lets it count from its record on', async () => {
    const before = await extend(statuteOnly, [issue]);
    assert.equal(says(before), 'PERMIT_IN_DOUBT');
    assert.deepEqual(
      before.unrecorded.map(({ version, kind }) => [version, kind]),
      [[1n, 'permitIssued']],
    );
    record(issue);
    const after = await extend(before, []);
    assert.equal(says(after), izin.permitId);
    assert.equal(says(before), 'PERMIT_IN_DOUBT');
    assert.deepEqual([after.version, after.digest, after.unrecorded], [before.version, before.digest, []]);
    assert.equal(await extend(after, []), after, 'what changes nothing must not cost the memo');
  });

  it('ends the older version of a permit by a newer one without a record', async () => {
    record(issue);
    const newer = issued({ ...izin, version: 1, quotaPerDay: 9 });
    const between = await extend(statuteOnly, [issue, newer]);
    assert.equal(says(between), 'PERMIT_IN_DOUBT');
    record(newer);
    assert.equal(says(await extend(between, [])), izin.permitId);
  });

  it('lets a recorded version count, whatever an older one lacks', async () => {
    const newer = issued({ ...izin, version: 1 });
    record(newer);
    assert.equal(says(await extend(statuteOnly, [issue, newer])), izin.permitId);
  });

  it('neither lifts nor reinstates without a record, and does so when it comes', async () => {
    const suspension = randomUUID();
    const stop = [issue, frozen(freeze), suspended(izin.permitId, suspension)];
    const [lift, reinstatement] = [lifted(freeze), reinstated(izin.permitId, suspension)];
    record(issue);
    const before = await extend(statuteOnly, [...stop, lift, reinstatement]);
    assert.equal(says(before), 'FROZEN');
    record(lift);
    const half = await extend(before, []);
    assert.equal(says(half), 'PERMIT_SUSPENDED');
    record(reinstatement);
    assert.equal(says(await extend(half, [])), izin.permitId);
  });

  it('lets what narrows count without a record', async () => {
    record(issue);
    assert.equal(says(await extend(statuteOnly, [issue, revoked(izin.permitId)])), 'PERMIT_REVOKED');
    assert.equal(says(await extend(statuteOnly, [issue, frozen(freeze)])), 'FROZEN');
  });

  it('comes to the same in one step and in many, whenever the records come', async () => {
    const others = [issued(izinOf({ permitId: randomUUID() })), revoked(randomUUID()), issue];
    const first = await extend(statuteOnly, others);
    record(...others);
    const late = await extend(first, []);
    const atOnce = await snapshotOf(...others);
    assert.deepEqual(
      late.permits.map(({ id }) => id),
      atOnce.permits.map(({ id }) => id),
    );
    assert.equal(says(late), says(atOnce));
  });

  it('denies what is recorded as narrowed and is gone from the policy log, and nothing else', async () => {
    const log = await snapshotOf(issue);
    const lacking = async (narrowing: RecordedNarrowing['narrowing']) => {
      const held = await extend(log, [], [{ index: 7n, narrowing }]);
      assert.deepEqual([held.version, held.digest, held.missing], [log.version, log.digest, [7n]]);
      return held;
    };
    const change = (value: Buffer) => ({ $case: 'change', value }) as const;
    assert.equal(says(await lacking(change(revoked(izin.permitId)))), 'PERMIT_REVOKED');
    assert.equal(says(await lacking(change(suspended(izin.permitId, randomUUID())))), 'PERMIT_SUSPENDED');
    assert.equal(says(await lacking(change(frozen(freeze)))), 'FROZEN');
    assert.equal(says(await lacking({ $case: 'permitId', value: izin.permitId })), 'PERMIT_IN_DOUBT');
    assert.equal(says(await lacking(change(revoked(randomUUID())))), izin.permitId);
    assert.equal(says(log), izin.permitId);
  });

  it('ends a key at once, begins none without the record, and stops where the end of one is lost', async () => {
    const [old, fresh] = [await newSigner(), await newSigner()];
    const pinned = pinnedKeys(old.certPem);
    const order = async (what: Parameters<typeof orderBy>[1]) =>
      changeBytes({ $case: 'signingKeyOrdered', value: { jws: await orderBy(old, what) } });
    const state = ({ signingKeys }: Snapshot) =>
      [old, fresh].map(({ key }) => signingKeys.get(key.thumbprint)?.isEnded);
    const base = { ...statuteOnly, signingKeys: pinned };

    assert.deepEqual(state(await extend(base, [await order({ ends: old })])), [true, undefined]);
    const rotation = await order({ ends: old, begins: fresh });
    const waiting = await extend(base, [rotation]);
    assert.deepEqual(state(waiting), [false, undefined]);
    record(rotation);
    assert.deepEqual(state(await extend(waiting, [])), [true, false]);
    await assert.rejects(
      extend(base, [], [{ index: 7n, narrowing: { $case: 'change', value: rotation } }]),
      ChangeNotUnderstood,
    );
  });

  it('stops at a recorded narrowing of a form that it does not know', async () => {
    await assert.rejects(extend(statuteOnly, [], [{ index: 7n, narrowing: undefined }]), ChangeNotUnderstood);
  });
});
