import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import type { ReadChangesRequest } from '#gen/rangkiang/permit/v1/policy.ts';
import { decide } from '../../../broker/policy/decide.ts';
import { decisionInput, policyDigest } from '../../../broker/policy/recorded-decision.ts';
import type { Snapshot } from '../../../broker/policy/snapshot.ts';
import { PolicyHistory, type PolicyPoint } from '../../../broker/policy-history.ts';
import {
  at,
  extendByDigest,
  issued,
  izinOf,
  noon,
  requestOf,
  revoked,
  snapshotOf,
  statuteOnly,
  told,
} from '../../support/policy.ts';

const izin = izinOf();
const other = izinOf({ opd: 'DINSOS', units: [{ unit: 'PUSAT', regions: ['13.71'] }] });
const log = [issued(other), issued(izin), revoked(izin.permitId)];
const going = new AbortController().signal;

const pointOf = (snapshot: Snapshot): PolicyPoint => ({
  ...decisionInput(snapshot, requestOf(), at(noon)),
  version: snapshot.version,
});
const says = (snapshot: Snapshot | string) =>
  typeof snapshot === 'string' ? snapshot : told(decide(snapshot, requestOf(), at(noon)));

describe('PolicyHistory', () => {
  let stored: Buffer[];
  let reads: string[];
  let history: PolicyHistory;
  beforeEach(() => {
    stored = [...log];
    reads = [];
    history = new PolicyHistory({
      empty: statuteOnly,
      read: async ({ afterVersion, upToVersion }: ReadChangesRequest) => {
        reads.push(`${afterVersion}-${upToVersion}`);
        // Pages of one change.
        return { changes: stored.slice(Number(afterVersion), Number(upToVersion)).slice(0, 1) };
      },
      extend: extendByDigest,
      narrowingAt: (index) =>
        index === 7n ? { index, narrowing: { $case: 'change', value: revoked(izin.permitId) } } : undefined,
    });
  });

  it('rebuilds each version page by page, and builds on what it keeps', async () => {
    const [two, three] = [await snapshotOf(...log.slice(0, 2)), await snapshotOf(...log)];
    assert.equal(says(await history.at(pointOf(two), going)), izin.permitId);
    assert.equal(says(await history.at(pointOf(three), going)), 'PERMIT_REVOKED');
    assert.deepEqual(reads, ['0-2', '1-2', '2-3']);
    const again = await history.at(pointOf(two), going);
    assert.deepEqual([says(again), reads.length], [izin.permitId, 3]);
  });

  it('leaves out what had no record, and adds what the policy log had lost', async () => {
    const unrecorded = await extendByDigest(statuteOnly, log.slice(0, 2), { isRecorded: () => false });
    const missing = [{ index: 7n, narrowing: { $case: 'change', value: revoked(izin.permitId) } }] as const;
    const narrowed = await extendByDigest(await snapshotOf(...log.slice(0, 2)), [], { missing });
    for (let round = 0; round < 2; round += 1) {
      assert.equal(says(await history.at(pointOf(unrecorded), going)), says(unrecorded));
      assert.equal(says(await history.at(pointOf(narrowed), going)), 'PERMIT_REVOKED');
      assert.equal(says(await history.at(pointOf(await snapshotOf(...log.slice(0, 2))), going)), izin.permitId);
    }
    assert.equal(says(unrecorded), 'PERMIT_IN_DOUBT');
    const unknown = { ...pointOf(narrowed), missingRecords: [8n] };
    assert.equal(await history.at(unknown, going), 'IN_DOUBT');
    assert.equal(await history.at({ ...unknown, missingRecords: [], doubtsLeftOut: true }, going), 'IN_DOUBT');
  });

  it('says when the policy log ends before, and when it is another one, also behind what is kept', async () => {
    const three = pointOf(await snapshotOf(...log));
    assert.equal(await history.at({ ...three, version: 9n }, going), 'POLICY_UNKNOWN');
    await history.at(pointOf(await snapshotOf(...log.slice(0, 2))), going);
    stored = [issued(izin), issued(other), revoked(other.permitId)];
    assert.equal(await history.at(three, going), 'OTHER_POLICY');
    const swapped = await snapshotOf(...stored);
    assert.notDeepEqual(policyDigest(swapped), three.policyDigest);
    assert.equal(says(await history.at(pointOf(swapped), going)), izin.permitId);
  });

  it('goes on after one that failed or was given up', async () => {
    const two = pointOf(await snapshotOf(...log.slice(0, 2)));
    const given = history.at(two, AbortSignal.abort());
    const next = history.at(two, going);
    await assert.rejects(given, { reason: 'CANCELLED' });
    assert.equal(says(await next), izin.permitId);
  });
});
