import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { decide } from '../../../../broker/policy/decide.ts';
import { mayRelease } from '../../../../broker/policy/release-check.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import { activated, activationOf, confirm, emergencyOf, review, reviewed } from '../../../support/emergencies.ts';
import { at, issued, izinOf, noon, requestOf, revoked, snapshotOf, suspended } from '../../../support/policy.ts';
import { newSigner, type Signer } from '../../../support/signing-keys.ts';

const HOURS = 3_600_000;

describe('an emergency permit', () => {
  let persons: [Signer, Signer, Signer];
  let stranger: Signer;
  let izin: Izin;
  before(async () => {
    persons = [await newSigner(), await newSigner(), await newSigner()];
    stranger = await newSigner();
    izin = izinOf({ emergency: emergencyOf(persons), operatorRequired: true });
  });

  const says = (snapshot: Snapshot, ms: number, permit = izin.permitId, hasOperator = true) => {
    const decision = decide(snapshot, requestOf({ permit, hasOperator }), at(ms));
    return decision.allowed ? Grant.decode(decision.terms).emergency : decision.reason;
  };
  const withIt = (...changes: Buffer[]) => snapshotOf(issued(izin), ...changes);
  const activate = async (activation = activationOf(izin.permitId, noon), by: Signer[] = persons.slice(0, 2)) =>
    activated(izin.permitId, await confirm(activation, ...by));
  const fault = (snapshot: Snapshot) => snapshot.quarantined.at(-1)?.fault;

  it('counts for nothing until two of its persons have activated it, and then for their time, both ends inside', async () => {
    assert.equal(says(await withIt(), noon), 'EMERGENCY_NOT_ACTIVE');
    const activation = activationOf(izin.permitId, noon);
    const snapshot = await withIt(await activate(activation));
    const until = noon + 72 * HOURS;
    assert.equal(says(snapshot, noon - 1), 'EMERGENCY_NOT_ACTIVE');
    assert.equal(says(snapshot, noon), activation.activationId);
    assert.equal(says(snapshot, until - 1), activation.activationId);
    assert.equal(says(snapshot, until), 'EMERGENCY_ENDED');
    const wide = { live: true, earliestMs: until - 10, latestMs: until };
    assert.equal(decide(snapshot, requestOf({ permit: izin.permitId, hasOperator: true }), wide).allowed, false);
    assert.equal(says(snapshot, noon, izin.permitId, false), 'OPERATOR_REQUIRED');
  });

  it('lets no answer leave after its end', async () => {
    const snapshot = await withIt(await activate());
    const request = requestOf({ permit: izin.permitId, hasOperator: true });
    const decision = decide(snapshot, request, at(noon));
    assert.ok(decision.allowed);
    assert.equal(mayRelease({ snapshot, decision, request }, snapshot, at(noon + 72 * HOURS - 1)), 'RELEASE');
    assert.equal(mayRelease({ snapshot, decision, request }, snapshot, at(noon + 72 * HOURS)), 'PERMIT_CHANGED');
    const closed = await withIt(await activate());
    assert.equal(mayRelease({ snapshot, decision, request }, closed, at(noon)), 'PERMIT_CHANGED');
  });

  it('is activated by two different persons whom it names, over one text, and by nothing else', async () => {
    const [one, two, three] = persons;
    const activation = activationOf(izin.permitId, noon);
    const cases: [Promise<string[]>, string][] = [
      [confirm(activation, one, one), 'EMERGENCY_UNFIT'],
      [confirm(activation, one), 'EMERGENCY_UNFIT'],
      [Promise.resolve([]), 'EMERGENCY_UNFIT'],
      [confirm(activation, one, two, three), 'EMERGENCY_UNFIT'],
      [confirm(activation, one, stranger), 'SIGNATURE_INVALID'],
      [confirm(activation, one, { certPem: two.certPem, keyPem: stranger.keyPem }), 'SIGNATURE_INVALID'],
      [Promise.all([one, two].map(async (by) => review(activation, by))), 'SIGNATURE_INVALID'],
      [
        Promise.all([
          confirm(activation, one),
          confirm({ ...activation, reason: 'Alasan yang lain sama sekali' }, two),
        ]).then((each) => each.flat()),
        'EMERGENCY_UNFIT',
      ],
      [confirm({ ...activation, until: new Date(noon + 72 * HOURS + 1_000) }, one, two), 'REQUEST_INVALID'],
      [confirm({ ...activation, permitId: crypto.randomUUID() }, one, two), 'EMERGENCY_UNFIT'],
      [confirm({ ...activation, version: 1 }, one, two), 'EMERGENCY_UNFIT'],
    ];
    for (const [signed, expected] of cases) {
      const snapshot = await withIt(activated(izin.permitId, await signed));
      assert.deepEqual([fault(snapshot), says(snapshot, noon)], [expected, 'EMERGENCY_NOT_ACTIVE']);
    }
    assert.notEqual(
      says(await withIt(activated(izin.permitId, await confirm(activation, three, one))), noon),
      'EMERGENCY_NOT_ACTIVE',
    );
  });

  it('counts no longer than it says itself', async () => {
    const short = { ...izin, permitId: crypto.randomUUID(), emergency: emergencyOf(persons, 6) };
    const of = async (hours: number) => {
      const until = new Date(noon + hours * HOURS);
      const signed = await confirm(activationOf(short.permitId, noon, { until }), ...persons.slice(0, 2));
      return says(await snapshotOf(issued(short), activated(short.permitId, signed)), noon, short.permitId);
    };
    assert.equal(await of(7), 'EMERGENCY_NOT_ACTIVE');
    assert.notEqual(await of(6), 'EMERGENCY_NOT_ACTIVE');
  });

  it('is activated once it is issued, not before, and no ordinary permit is', async () => {
    const change = await activate();
    const early = await snapshotOf(change, issued(izin));
    assert.deepEqual([fault(early), says(early, noon)], ['EMERGENCY_NOT_FOUND', 'EMERGENCY_NOT_ACTIVE']);
    const ordinary = await snapshotOf(issued({ ...izin, emergency: undefined }), change);
    assert.equal(fault(ordinary), 'EMERGENCY_NOT_FOUND');
    // What was activated is this version; another one has to be anew.
    assert.equal(says(await withIt(change, issued({ ...izin, version: 1 })), noon), 'EMERGENCY_NOT_ACTIVE');
  });

  it('ends with its revocation and its suspension', async () => {
    const change = await activate();
    assert.equal(says(await withIt(change, revoked(izin.permitId)), noon), 'PERMIT_REVOKED');
    assert.equal(says(await withIt(change, suspended(izin.permitId, crypto.randomUUID())), noon), 'PERMIT_SUSPENDED');
  });

  it('is activated a second time only after its review, and by the same activation never again', async () => {
    const first = activationOf(izin.permitId, noon);
    const second = activationOf(izin.permitId, noon + 80 * HOURS);
    const [one, two] = [await activate(first), await activate(second)];
    const later = noon + 81 * HOURS;
    const unreviewed = await withIt(one, two);
    assert.deepEqual([fault(unreviewed), says(unreviewed, later)], ['EMERGENCY_REVIEW_OPEN', 'EMERGENCY_ENDED']);
    const closing = reviewed(izin.permitId, await review(first, persons[2]));
    assert.equal(says(await withIt(one, closing), noon), 'EMERGENCY_ENDED');
    assert.equal(says(await withIt(one, closing, two), later), second.activationId);
    const replayed = await withIt(one, closing, one);
    assert.deepEqual([fault(replayed), says(replayed, noon)], ['EMERGENCY_REVIEW_OPEN', 'EMERGENCY_ENDED']);
    const closedTwice = await withIt(one, closing, two, reviewed(izin.permitId, await review(second, persons[0])), one);
    assert.equal(says(closedTwice, noon), 'EMERGENCY_NOT_ACTIVE');
  });

  it('is reviewed by one of its persons, for that activation', async () => {
    const first = activationOf(izin.permitId, noon);
    const cases: [Promise<string>, string][] = [
      [review(first, stranger), 'SIGNATURE_INVALID'],
      [review({ ...first, activationId: crypto.randomUUID() }, persons[0]), 'EMERGENCY_UNFIT'],
      [review({ ...first, permitId: crypto.randomUUID() }, persons[0]), 'EMERGENCY_UNFIT'],
      [confirm(first, persons[0]).then(([jws = '']) => jws), 'SIGNATURE_INVALID'],
    ];
    for (const [signed, expected] of cases) {
      const snapshot = await withIt(await activate(first), reviewed(izin.permitId, await signed));
      assert.deepEqual([fault(snapshot), says(snapshot, noon)], [expected, first.activationId]);
    }
    assert.equal(fault(await withIt(reviewed(izin.permitId, await review(first, persons[0])))), 'EMERGENCY_NOT_FOUND');
  });

  it('is put aside when it names no two different persons, or asks for no operator', async () => {
    const [one] = persons;
    const twice = emergencyOf([one, one]);
    const sameName = {
      ...emergencyOf(persons),
      persons: emergencyOf(persons).persons.map((each) => ({ ...each, name: 'Satu' })),
    };
    const authority = emergencyOf([one, await newSigner({ isAuthority: true })]);
    for (const emergency of [emergencyOf([one]), twice, sameName, authority, { persons: [], hours: 1 }]) {
      assert.equal(fault(await snapshotOf(issued({ ...izin, emergency }))), 'EMERGENCY_UNFIT');
    }
    assert.equal(fault(await snapshotOf(issued({ ...izin, operatorRequired: false }))), 'EMERGENCY_UNFIT');
  });

  it('carries a call only where no other permit does, unless it is named', async () => {
    const ordinary = izinOf();
    const activation = activationOf(izin.permitId, noon);
    const signed = activated(izin.permitId, await confirm(activation, ...persons.slice(0, 2)));
    const both = await snapshotOf(issued(izin), issued(ordinary), signed);
    assert.equal(says(both, noon, ''), '');
    assert.equal(says(both, noon), activation.activationId);
    assert.equal(says(await withIt(signed), noon, ''), activation.activationId);
  });
});
