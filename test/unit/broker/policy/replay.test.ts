import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { makeEntry, newDraft } from '#mesh/record.ts';
import { grantBytesOf, refusedGrant } from '../../../../broker/caller.ts';
import { type Decision, decide, type PolicyRequest, type PolicyTime } from '../../../../broker/policy/decide.ts';
import { parseAddress } from '../../../../broker/policy/networks.ts';
import { decisionInput, recordedTime } from '../../../../broker/policy/recorded-decision.ts';
import { policyReasons, recordedDecision, replay } from '../../../../broker/policy/replay.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import {
  at,
  directiveOf,
  frozen,
  issued,
  izinOf,
  noon,
  recordOf,
  requestOf,
  residentMethods,
  revoked,
  snapshotOf,
  suspended,
  validFrom,
  validUntil,
} from '../../../support/policy.ts';

/** The record that the mesh would write of a call: the broker of a refused one, a service of one let in. */
function recordOfCall(snapshot: Snapshot, request: PolicyRequest, time: PolicyTime, decision: Decision): Leaf {
  const { opd, unit, system = '', permit, purpose, serial = '' } = request;
  const caller = { kind: 'OPD', opd, unit, system, serial, thumbprint: '', notAfterMs: Infinity } as const;
  const { operatorPseudonym: pseudonym } = request;
  const operator = pseudonym ? { pseudonym, label: 'Rahmi Fitri', asserted: {} as never } : undefined;
  const caseNumber = request.hasCaseNumber ? 'RM-1' : '';
  const headers = { permit, purpose, caseNumber, operator: '', requestId: '', locale: 'id' } as const;
  const input = decisionInput(snapshot, request, time);
  const callId = randomBytes(16);
  const { version: policyVersion } = snapshot;
  const grant = decision.allowed
    ? Grant.decode(grantBytesOf(decision.grantBytes, callId, caller, headers, operator, undefined, input))
    : refusedGrant(callId, caller, headers, operator, { policyVersion, input, permit: '' });
  const draft = { ...newDraft(), elements: decision.allowed ? grant.elements : [] };
  const { leaf } = makeEntry(grant, draft, {
    kind: decision.allowed ? Kind.DISCLOSED : Kind.DENIED,
    method: snapshot.methods.has(request.method) ? request.method : 'unknown',
    writer: 'test',
    traceId: randomBytes(16),
    reason: decision.allowed ? '' : decision.reason,
  });
  return Leaf.decode(leaf);
}

function again(snapshot: Snapshot, leaf: Leaf) {
  const told = recordedDecision(leaf);
  assert.ok(typeof told !== 'string', String(told));
  return replay(snapshot, leaf, told);
}

const first = izinOf();
const second = izinOf({
  methods: [residentMethods.family],
  elements: [Element.NIK, Element.AGAMA],
  operatorRequired: true,
});
// Its hours end at one of the moments below.
const strict = izinOf({
  methods: [residentMethods.aggregate],
  caseNumberRequired: true,
  hours: [{ days: [], from: '07:30', until: '12:00' }],
});
const changes = [
  issued(first),
  issued(second, { networks: ['10.20.0.0/24'] }),
  issued(strict),
  revoked(first.permitId),
  suspended(second.permitId, '00000000-0000-4000-8000-000000000001'),
  frozen(directiveOf({ $case: 'certificateSerial', value: '0A1B2C' })),
  frozen(directiveOf({ $case: 'operator', value: 'ab'.repeat(16) })),
  frozen(directiveOf({ $case: 'element', value: Element.NIK })),
  frozen(directiveOf({ $case: 'unit', value: { opd: 'DKK', unit: 'PKM-NANGGALO' } })),
];

const someRequest: fc.Arbitrary<PolicyRequest> = fc
  .record({
    permit: fc.constantFrom(
      '',
      '',
      first.permitId,
      second.permitId,
      strict.permitId,
      'STATUTE',
      randomBytes(4).toString('hex'),
    ),
    opd: fc.constantFrom('DKK', 'DKK', 'DKK', 'DINSOS', 'NOBODY'),
    unit: fc.constantFrom('PKM-PAUH', 'PKM-NANGGALO', 'PUSAT'),
    method: fc.constantFrom(
      ...Object.values(residentMethods),
      '/rangkiang.permit.v1.PermitService/ListPermits',
      '/no/Such',
    ),
    purpose: fc.constantFrom('PELAYANAN_PUBLIK', 'PELAYANAN_PUBLIK', 'PERIZINAN', '', 'NO_SUCH'),
    hasCaseNumber: fc.boolean(),
    system: fc.constantFrom('simpus', 'stranger'),
    address: fc.constantFrom('10.20.0.7', '10.99.0.7', '2001:db8::7'),
    serial: fc.constantFrom('0A1B2C', '0D'),
    pseudonym: fc.constantFrom('', 'ab'.repeat(16), 'cd'.repeat(16)),
  })
  .map(({ address, pseudonym, ...rest }) => ({
    ...requestOf(),
    ...rest,
    address: parseAddress(address),
    hasOperator: pseudonym !== '',
    ...(pseudonym && { operatorPseudonym: pseudonym }),
  }));

const someTime: fc.Arbitrary<PolicyTime> = fc
  .tuple(fc.constantFrom(noon, validFrom, validUntil), fc.integer({ min: -3000, max: 3000 }), fc.nat(3000))
  // The lease counts in fractions of a millisecond.
  .map(([ms, off, width]) => ({ live: true, earliestMs: ms + off / 1000, latestMs: ms + (off + width) / 1000 }));

describe('replay', () => {
  it('decides every recorded call as it was decided, whatever the policy became', async () => {
    const met = new Set<string>();
    const rare = [
      'ALLOWED',
      'PERMIT_REVOKED',
      'CERTIFICATE_FROZEN',
      'OPERATOR_FROZEN',
      'PURPOSE_UNKNOWN',
      'OUTSIDE_HOURS',
    ];
    const property = () =>
      fc.asyncProperty(
        fc.shuffledSubarray(changes, { minLength: 1 }),
        fc.nat(),
        fc.array(fc.tuple(someRequest, someTime), { minLength: 10, maxLength: 20 }),
        async (log, cut, calls) => {
          const until = 1 + (cut % log.length);
          const then = await snapshotOf(...log.slice(0, until));
          const rebuilt = await snapshotOf(...log.slice(0, until));
          for (const [request, time] of calls) {
            const decision = decide(then, request, time);
            met.add(decision.allowed ? 'ALLOWED' : decision.reason);
            const leaf = recordOfCall(then, request, time, decision);
            assert.equal(leaf.policyVersion, then.version);
            const { isSame, replayed } = again(rebuilt, leaf);
            assert.ok(isSame, `${JSON.stringify(replayed)} ${leaf.reason}`);
          }
        },
      );
    // Until each of these was met: otherwise the property would speak of little.
    for (let round = 0; round < 10 && (round === 0 || !rare.every((reason) => met.has(reason))); round += 1)
      await fc.assert(property(), { numRuns: 60 });
    for (const reason of rare) assert.ok(met.has(reason), `${reason} of ${[...met]}`);
    for (const reason of met) assert.ok(reason === 'ALLOWED' || policyReasons.has(reason), reason);
  });

  it('keeps the clock so that no whole millisecond compares otherwise', async () => {
    const snapshot = await snapshotOf();
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(3000), fc.integer({ min: -2, max: 6 }), (off, width, bound) => {
        const time = { live: true, earliestMs: noon + off / 1000, latestMs: noon + (off + width) / 1000 };
        const kept = recordedTime(decisionInput(snapshot, requestOf(), time));
        assert.equal(kept.earliestMs >= noon + bound, time.earliestMs >= noon + bound);
        assert.equal(kept.latestMs < noon + bound, time.latestMs < noon + bound);
      }),
    );
  });

  it('tells a decision that the policy of then does not give', async () => {
    const snapshot = await snapshotOf(...changes.slice(0, 3));
    const decision = decide(snapshot, requestOf(), at(noon));
    const leaf = recordOfCall(snapshot, requestOf(), at(noon), decision);
    assert.equal(again(snapshot, leaf).isSame, true);
    for (const forged of [
      { permit: second.permitId },
      { emergency: second.permitId },
      { elements: [Element.NIK, Element.AGAMA] },
      { unit: 'PKM-ELSEWHERE' },
      { kind: Kind.DENIED, reason: 'PERMIT_REVOKED' },
    ])
      assert.equal(again(snapshot, { ...leaf, ...forged }).isSame, false, JSON.stringify(forged));
    assert.deepEqual(again(snapshot, { ...leaf, elements: [Element.AGAMA] }).beyond, [Element.AGAMA]);
    const later = await snapshotOf(...changes);
    assert.equal(again(later, leaf).replayed.reason, 'CERTIFICATE_FROZEN');
  });

  it('keeps no address of an office, and names a policy in doubt', async () => {
    const snapshot = await snapshotOf(...changes.slice(0, 1));
    const ask = requestOf({ method: '/rangkiang.permit.v1.PermitService/ListPermits', purpose: 'PERIZINAN' });
    assert.equal(decisionInput(snapshot, ask, at(noon)).address, '');
    assert.equal(decisionInput(snapshot, requestOf(), at(noon)).address, '10.20.0.7');
    const inDoubt = { ...snapshot, missing: [7n], unrecorded: [{ version: 1n }] } as unknown as Snapshot;
    const { unrecordedVersions, missingRecords } = decisionInput(inDoubt, ask, at(noon));
    assert.deepEqual([unrecordedVersions, missingRecords], [[1n], [7n]]);
    const lost = { ...inDoubt, missing: Array(101).fill(7n) } as unknown as Snapshot;
    assert.equal(decisionInput(lost, ask, at(noon)).doubtsLeftOut, true);
  });

  it('compares no record that tells of no decision of the policy', () => {
    const leaf = (changes: Partial<Leaf>) => recordedDecision(Leaf.fromPartial({ kind: Kind.DENIED, ...changes }));
    assert.equal(recordedDecision(Leaf.decode(recordOf(1, Buffer.from('x')).leaf)), 'NOT_A_CALL');
    assert.equal(leaf({ kind: Kind.ALERT }), 'NOT_A_CALL');
    assert.equal(leaf({ kind: Kind.DISCLOSED }), 'NO_INPUT');
    assert.equal(leaf({ reason: 'NO_PERMIT' }), 'NO_INPUT');
    assert.equal(leaf({ reason: 'OPERATOR_INVALID' }), 'NO_INPUT');
    for (const reason of ['QUOTA_EXCEEDED', 'RATE_LIMITED', 'GUESS_LIMIT', 'POLICY_STALE', 'INTERNAL'])
      assert.equal(leaf({ reason }), 'NOT_OF_THE_POLICY');
  });
});
