import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { digestOf, Holding } from '../../../../broker/policy/holding.ts';
import { issued, izinOf, narrowingRecord, recordOf, revoked } from '../../../support/policy.ts';

const izin = izinOf();
const issue = issued(izin);
const revocation = revoked(izin.permitId);

describe('Holding', () => {
  let holding: Holding;
  beforeEach(() => {
    holding = new Holding();
  });
  const missing = () => [...holding.missing.values()].map(({ index }) => Number(index));
  const unrecorded = () => [...holding.unrecorded];

  it('knows the records of the policy alone, and tells that there is something new', () => {
    assert.equal(holding.isRecorded(digestOf(issue)), false);
    const { revision } = holding;
    const denial = Leaf.encode(Leaf.fromPartial({ kind: Kind.DENIED, policyChangeDigest: revocation })).finish();
    holding.record([recordOf(3, issue), { index: 4n, leaf: denial }]);
    assert.equal(holding.isRecorded(digestOf(issue)), true);
    assert.notEqual(holding.revision, revision);
    assert.deepEqual(missing(), []);
  });

  it('misses a recorded narrowing until the policy log holds it, whichever comes first', () => {
    holding.record([recordOf(0, issue), narrowingRecord(1, revocation)]);
    assert.deepEqual(missing(), [1]);
    holding.installed(1n, [issue]);
    assert.deepEqual(missing(), [1]);
    holding.installed(2n, [revocation]);
    assert.deepEqual(missing(), []);
    holding.record([narrowingRecord(1, revocation)]);
    assert.deepEqual(missing(), []);
  });

  it('misses all of them again when the policy log is read anew', () => {
    holding.record([narrowingRecord(1, revocation)]);
    holding.installed(1n, [issue, revocation]);
    holding.beginAgain();
    assert.deepEqual(missing(), [1]);
    holding.installed(1n, [issue]);
    assert.deepEqual(missing(), [1]);
  });

  it('watches a narrowing without a record, and not what counts only with one', () => {
    holding.installed(1n, [issue, revocation]);
    assert.deepEqual(unrecorded(), [{ version: 2n, kind: 'permitRevoked' }]);
    holding.record([narrowingRecord(9, revocation)]);
    assert.deepEqual(unrecorded(), []);
  });

  it('waits for the records of what widens, and for no others', () => {
    assert.equal(holding.lacksRecords([revocation]), false);
    assert.equal(holding.lacksRecords([revocation, issue]), true);
    holding.record([recordOf(0, issue)]);
    assert.equal(holding.lacksRecords([revocation, issue]), false);
  });
});
