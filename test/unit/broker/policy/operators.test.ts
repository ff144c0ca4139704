import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { OperatorKeyAlgorithm } from '#gen/rangkiang/permit/v1/operator.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { operatorDigest } from '#mesh/operator.ts';
import { ChangeNotUnderstood } from '../../../../broker/policy/changes.ts';
import { decide } from '../../../../broker/policy/decide.ts';
import { extendSnapshot } from '../../../../broker/policy/extend-snapshot.ts';
import type { AssertedOperator, OperatorSigner } from '../../../../broker/policy/operators.ts';
import { mayRelease } from '../../../../broker/policy/release-check.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import {
  ISSUER,
  keysRegistered,
  keysWithdrawn,
  makeTestKey,
  operatorWithdrawn,
  SUB,
  type TestKey,
} from '../../../support/operators.ts';
import { at, issued, izinOf, noon, requestOf, snapshotOf, verifyDigest } from '../../../support/policy.ts';

const [first, second, other] = [makeTestKey('k1'), makeTestKey('k2', 'ES256'), makeTestKey('k1')];

function slotOf(snapshot: Snapshot, kid: string, opd = 'DKK'): OperatorSigner | 'WITHDRAWN' | undefined {
  return snapshot.operators.get(opd)?.issuers.get(ISSUER)?.get(kid);
}

describe("operators' keys in a snapshot", () => {
  it('belong to the OPD that registered them', async () => {
    const snapshot = await snapshotOf(keysRegistered([first, second]));
    const slot = slotOf(snapshot, 'k1');
    assert.ok(slot && slot !== 'WITHDRAWN');
    assert.deepEqual([slot.algorithm, slot.only], ['EdDSA', '']);
    assert.equal(slotOf(snapshot, 'k1', 'DINSOS'), undefined);
    assert.deepEqual(snapshot.quarantined, []);
  });

  it('stay what they were first, whatever is registered under their name later', async () => {
    const one = await snapshotOf(keysRegistered([first]));
    const two = await snapshotOf(keysRegistered([first]), keysRegistered([other]));
    const thumbprint = (snapshot: Snapshot) => (slotOf(snapshot, 'k1') as OperatorSigner).thumbprint;
    assert.equal(thumbprint(two), thumbprint(one));
    assert.notEqual(thumbprint(one), thumbprint(await snapshotOf(keysRegistered([other]))));
  });

  it('count for nothing while a withdrawal of the OPD is recorded and missing in the policy log', async () => {
    const log = await snapshotOf(keysRegistered([first]));
    const missing = [{ index: 7n, narrowing: { $case: 'operatorsOf', value: 'DKK' } }] as const;
    assert.equal(slotOf(await extendSnapshot(log, [], verifyDigest, { missing }), 'k1'), undefined);
    const others = [{ index: 7n, narrowing: { $case: 'operatorsOf', value: 'DINSOS' } }] as const;
    assert.ok(slotOf(await extendSnapshot(log, [], verifyDigest, { missing: others }), 'k1'));
  });

  it('are withdrawn for ever, also when their registration comes after it', async () => {
    for (const changes of [
      [keysRegistered([first, second]), keysWithdrawn(['k1'])],
      [keysWithdrawn(['k1']), keysRegistered([first, second])],
    ]) {
      const snapshot = await snapshotOf(...changes);
      assert.equal(slotOf(snapshot, 'k1'), 'WITHDRAWN');
      assert.notEqual(slotOf(snapshot, 'k2'), 'WITHDRAWN');
    }
    const elsewhere = await snapshotOf(keysRegistered([first]), keysWithdrawn(['k1'], { opd: 'DINSOS' }));
    assert.notEqual(slotOf(elsewhere, 'k1'), 'WITHDRAWN');
  });

  it('leave the snapshot before as it was', async () => {
    const before = await snapshotOf(keysRegistered([first]));
    const after = await extendSnapshot(before, [keysWithdrawn(['k1']), operatorWithdrawn(SUB)], verifyDigest);
    assert.notEqual(slotOf(before, 'k1'), 'WITHDRAWN');
    assert.equal(before.operators.get('DKK')?.withdrawn.size, 0);
    assert.equal(after.operators.get('DKK')?.withdrawn.size, 1);
  });

  const broken = (changes: Partial<TestKey['registered']>): Buffer =>
    keysRegistered([second, { ...first, registered: { ...first.registered, ...changes } }]);
  for (const [how, change] of [
    ['of no algorithm', broken({ algorithm: OperatorKeyAlgorithm.UNSPECIFIED })],
    ['of an algorithm that is not its own', broken({ algorithm: OperatorKeyAlgorithm.ES256 })],
    ['that is short', broken({ publicKey: first.registered.publicKey.subarray(1) })],
    [
      'that is no point of its curve',
      broken({ algorithm: OperatorKeyAlgorithm.ES256, publicKey: Buffer.alloc(64, 1) }),
    ],
    ['without a name', broken({ kid: '' })],
  ] as const) {
    it(`do not count when one of a registration is a key ${how}; the rest installs`, async () => {
      const izin = izinOf();
      const snapshot = await snapshotOf(change, issued(izin));
      assert.equal(slotOf(snapshot, 'k2'), undefined);
      assert.deepEqual(snapshot.quarantined, [{ permit: '', fault: 'OPERATOR_KEY_UNUSABLE', version: 1n }]);
      assert.equal(snapshot.permits.length, 1);
    });
  }

  for (const [how, change] of [
    ['no key', { $case: 'operatorKeysWithdrawn', value: { opd: 'DKK', issuer: ISSUER, kids: [] } }],
    ['no issuer', { $case: 'operatorKeysWithdrawn', value: { opd: 'DKK', issuer: '', kids: ['k1'] } }],
    ['no operator', { $case: 'operatorWithdrawn', value: { opd: 'DKK', operatorDigest: Buffer.alloc(31) } }],
    ['no OPD', { $case: 'operatorWithdrawn', value: { opd: '', operatorDigest: Buffer.alloc(32) } }],
  ] as const satisfies [string, NonNullable<PolicyChange['change']>][]) {
    it(`stop the installation when a withdrawal names ${how}`, async () => {
      const bytes = Buffer.from(PolicyChange.encode({ change: change as PolicyChange['change'] }).finish());
      await assert.rejects(snapshotOf(bytes), ChangeNotUnderstood);
    });
  }
});

describe('the operator of a call', () => {
  let base: Snapshot;
  let operator: AssertedOperator;
  before(async () => {
    base = await snapshotOf(keysRegistered([first]), issued(izinOf({ operatorRequired: true })));
    const { thumbprint } = slotOf(base, 'k1') as OperatorSigner;
    operator = { issuer: ISSUER, kid: 'k1', thumbprint, digest: operatorDigest('DKK', SUB).toString('hex') };
  });
  const request = () => requestOf({ hasOperator: true, operator });

  it('is decided about with the call', () => {
    assert.equal(decide(base, requestOf(), at(noon)).allowed || 'OPERATOR_REQUIRED', 'OPERATOR_REQUIRED');
    assert.equal(decide(base, request(), at(noon)).allowed, true);
    const elsewhere = decide(base, { ...request(), opd: 'DINSOS' }, at(noon));
    assert.equal(elsewhere.allowed || elsewhere.reason, 'OPERATOR_INVALID');
  });

  for (const [what, change] of [
    ['the key', keysWithdrawn(['k1'])],
    ['the operator', operatorWithdrawn(SUB)],
  ] as const) {
    it(`drops an answer on its way when ${what} is withdrawn, and no other one`, async () => {
      const decision = decide(base, request(), at(noon));
      assert.ok(decision.allowed);
      const held = { snapshot: base, decision, request: request() };
      const after = await extendSnapshot(base, [change], verifyDigest);
      assert.equal(mayRelease(held, after, at(noon)), 'PERMIT_CHANGED');
      const other = await extendSnapshot(base, [keysWithdrawn(['k9']), operatorWithdrawn('1')], verifyDigest);
      assert.equal(mayRelease(held, other, at(noon)), 'RELEASE');
    });
  }

  it('may come by the same key that another process read, and by no other key of its name', async () => {
    const again = await snapshotOf(keysRegistered([first]), issued(base.permits[0]?.izin ?? izinOf()));
    assert.equal(decide(again, request(), at(noon)).allowed, true);
    const replaced = await snapshotOf(keysRegistered([other]), issued(base.permits[0]?.izin ?? izinOf()));
    const decision = decide(replaced, request(), at(noon));
    assert.equal(decision.allowed || decision.reason, 'OPERATOR_INVALID');
  });

  it('may come by its own key only when that is its own', async () => {
    for (const [only, outcome] of [
      [SUB, true],
      ['1', 'OPERATOR_INVALID'],
    ] as const) {
      const snapshot = await snapshotOf(keysRegistered([first], { operator: only }), issued(izinOf()));
      const decision = decide(snapshot, request(), at(noon));
      assert.equal(decision.allowed || decision.reason, outcome);
    }
  });
});
