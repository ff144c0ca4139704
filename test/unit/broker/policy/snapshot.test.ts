import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Pemulihan } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { methods, printJson } from '#mesh/contract.ts';
import { izinDigest, permitVerifiers, signAktivasi, signIzin, signPemulihan, verifyPemulihan } from '#mesh/izin.ts';
import { nextDigest } from '#mesh/policy-chain.ts';
import { pinnedKeys } from '#mesh/signing-keys.ts';
import { ChangeNotUnderstood } from '../../../../broker/policy/changes.ts';
import { decide } from '../../../../broker/policy/decide.ts';
import { extendSnapshot } from '../../../../broker/policy/extend-snapshot.ts';
import { readOpdCodes } from '../../../../broker/policy/opd-codes.ts';
import { emptySnapshot, type Snapshot } from '../../../../broker/policy/snapshot.ts';
import { testCertificates } from '../../../support/certificates.ts';
import {
  at,
  issued,
  issuedAlone,
  izinOf,
  noon,
  permitActivated,
  reinstated,
  requestOf,
  revoked,
  snapshotOf,
  statuteOnly,
  suspended,
  verifyAgainst,
  verifyDigest,
} from '../../../support/policy.ts';
import { newSigner, orderBy, type Signer } from '../../../support/signing-keys.ts';

function reasonIn(snapshot: Snapshot, permit = ''): string {
  const decision = decide(snapshot, requestOf({ permit }), at(noon));
  return decision.allowed ? decision.permit : decision.reason;
}

async function signedAktivasi(izin: Izin, jws: string, signer: { certPem: string; keyPem: string }): Promise<string> {
  const aktivasi = Aktivasi.fromPartial({
    permitId: izin.permitId,
    version: izin.version,
    izinDigest: izinDigest(jws),
    pksNumber: '470/012/PKS/2026',
    juknisNumber: '470/012/JUKNIS/2026',
    systems: ['simpus'],
    networks: ['10.20.0.0/16'],
  });
  const text = Buffer.from(printJson('rangkiang.permit.v1.Aktivasi', Aktivasi.encode(aktivasi).finish()));
  return signAktivasi(text, signer.keyPem, signer.certPem);
}

describe('extendSnapshot', () => {
  it('counts versions and chains the digest over every change, good or bad', async () => {
    const changes = [
      issued(izinOf()),
      issued(izinOf({ opd: 'NOBODY' })),
      revoked('0b0f4f5e-8a52-4c5e-9f2e-3f1f5e6d7c8b'),
    ];
    const snapshot = await snapshotOf(...changes);
    assert.equal(snapshot.version, 3n);
    assert.deepEqual(snapshot.digest, changes.reduce<Buffer>(nextDigest, Buffer.alloc(32)));
  });

  it('installs the rest when one permit fails, and says which and why', async () => {
    const good = izinOf();
    const bad = izinOf({ methods: ['/x.v1.X/Y'] });
    const forged = Buffer.from(
      PolicyChange.encode({
        change: { $case: 'permitIssued', value: { jws: 'forged.forged', aktivasiJws: '' } },
      }).finish(),
    );
    const upper = izinOf();
    const shouting = { ...upper, permitId: upper.permitId.toUpperCase() };
    const snapshot = await snapshotOf(issued(bad), forged, issued(shouting), issued(good));
    assert.equal(reasonIn(snapshot), good.permitId);
    assert.deepEqual(snapshot.quarantined, [
      { permit: bad.permitId, fault: 'METHOD_NOT_GRANTABLE', version: 1n },
      { permit: '', fault: 'SIGNATURE_INVALID', version: 2n },
      { permit: shouting.permitId, fault: 'NOT_COMPILED', version: 3n },
    ]);
  });

  it('stops at a change that it does not understand', async () => {
    const unknown = Buffer.from('1a00', 'hex'); // field 3 of the message
    await assert.rejects(snapshotOf(issued(izinOf()), unknown), ChangeNotUnderstood);
  });

  it('keeps a revoked permit revoked, whatever is issued after or under its id', async () => {
    const izin = izinOf();
    const wider = { ...izin, quotaPerDay: 2_000 };
    const after = await snapshotOf(issued(izin), revoked(izin.permitId), issued(izin), issued(wider));
    assert.equal(reasonIn(after), 'PERMIT_REVOKED');
    assert.deepEqual(
      after.quarantined.map(({ fault }) => fault),
      ['PERMIT_ID_REUSED', 'PERMIT_ID_REUSED'],
    );
    const before = await snapshotOf(revoked(izin.permitId), issued(izin));
    assert.equal(reasonIn(before), 'PERMIT_REVOKED');
  });

  it('does not let a second document under one id widen the first', async () => {
    const izin = izinOf({ units: [{ unit: 'PKM-NANGGALO', regions: ['13.71.10'] }] });
    const snapshot = await snapshotOf(issued(izin), issued(izinOf({ permitId: izin.permitId })));
    assert.equal(reasonIn(snapshot), 'UNIT_NOT_GRANTED');
  });

  it('puts a higher version in the place of the one before, and never goes back', async () => {
    const first = izinOf({ quotaPerDay: 5 });
    const other = izinOf();
    const second = { ...first, version: 1, quotaPerDay: 9 };
    const snapshot = await snapshotOf(issued(first), issued(other), issued(second));
    const quotaOf = ({ permits }: Snapshot) => permits.map(({ izin }) => izin?.quotaPerDay);
    assert.deepEqual(quotaOf(snapshot), [9, 1_000]);
    assert.equal(reasonIn(snapshot), first.permitId, 'it keeps its place among the permits');
    const back = await extendSnapshot(snapshot, [issued(first), issued({ ...second, quotaPerDay: 10 })], verifyDigest);
    assert.deepEqual(quotaOf(back), [9, 1_000]);
    assert.deepEqual(
      back.quarantined.map(({ fault }) => fault),
      ['PERMIT_ID_REUSED', 'PERMIT_ID_REUSED'],
    );
    const stolen = await snapshotOf(issued(first), issued({ ...second, opd: 'DISDIK' }));
    assert.deepEqual(quotaOf(stolen), [5]);
  });

  it('ends the older version also when the higher one cannot be compiled, and keeps both from coming again', async () => {
    const first = izinOf();
    const broken = { ...first, version: 1, methods: ['/x.v1.X/Y'] };
    const snapshot = await snapshotOf(issued(first), issued(broken), issued(first));
    assert.equal(reasonIn(snapshot), 'NO_PERMIT');
    assert.deepEqual(
      snapshot.quarantined.map(({ fault }) => fault),
      ['METHOD_NOT_GRANTABLE', 'PERMIT_ID_REUSED'],
    );
    assert.equal(
      reasonIn(await extendSnapshot(snapshot, [issued({ ...first, version: 2 })], verifyDigest)),
      first.permitId,
    );
  });

  it('lifts a suspension by a document for exactly it, once', async () => {
    const izin = izinOf();
    const { permitId } = izin;
    const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
    const says = async (...changes: Buffer[]) => reasonIn(await snapshotOf(issued(izin), ...changes));
    const [first, second] = [suspended(permitId, one), suspended(permitId, two)];
    const lift = reinstated(permitId, one);
    assert.equal(await says(first), 'PERMIT_SUSPENDED');
    assert.equal(await says(first, lift), permitId);
    assert.equal(await says(lift, first), 'PERMIT_SUSPENDED');
    assert.equal(await says(first, lift, second, lift), 'PERMIT_SUSPENDED');
    assert.equal(await says(first, second, lift), 'PERMIT_SUSPENDED');
    // A database that suspends again under an old name does not open the door for the old document.
    assert.equal(await says(first, lift, first, lift), 'PERMIT_SUSPENDED');
    assert.equal(await says(first, reinstated(crypto.randomUUID(), one)), 'PERMIT_SUSPENDED');
    assert.equal(await says(first, revoked(permitId), lift), 'PERMIT_REVOKED');
    assert.equal(reasonIn(await snapshotOf(first, issued(izin))), 'PERMIT_SUSPENDED');
    assert.equal(await says(first, issued({ ...izin, version: 1 })), 'PERMIT_SUSPENDED');
    const { quarantined } = await snapshotOf(issued(izin), first, second, lift);
    assert.deepEqual(quarantined, [{ permit: permitId, fault: 'SUSPENSION_NOT_IN_FORCE', version: 4n }]);
  });

  it('lifts nothing by a document of another signer, or without a verifier', async () => {
    const [{ walikota }, other] = await Promise.all([testCertificates(), testCertificates()]);
    const izin = izinOf();
    const suspensionId = crypto.randomUUID();
    const pemulihan = { permitId: izin.permitId, suspensionId, number: '470/1', reason: 'Kewajiban dipenuhi.' };
    const text = Buffer.from(printJson('rangkiang.permit.v1.Pemulihan', Pemulihan.encode(pemulihan).finish()));
    const base = await snapshotOf(issued(izin), suspended(izin.permitId, suspensionId));
    const says = async (signer: { certPem: string; keyPem: string }) => {
      const jws = await signPemulihan(text, signer.keyPem, signer.certPem);
      const change = PolicyChange.encode({ change: { $case: 'permitReinstated', value: { jws } } }).finish();
      const verify = (signed: string) => verifyPemulihan(signed, pinnedKeys(walikota.certPem));
      return reasonIn(await extendSnapshot(base, [Buffer.from(change)], verifyDigest, { verifyPemulihan: verify }));
    };
    assert.equal(await says(walikota), izin.permitId);
    assert.equal(await says(other.walikota), 'PERMIT_SUSPENDED');
    const unverified = [reinstated(izin.permitId, suspensionId)];
    assert.equal(reasonIn(await extendSnapshot(base, unverified, verifyDigest)), 'PERMIT_SUSPENDED');
  });

  it('counts a permit once it is activated by a document of exactly its Izin, once', async () => {
    const izin = izinOf();
    const alone = await snapshotOf(issuedAlone(izin));
    assert.equal(reasonIn(alone), 'NOT_ACTIVATED');
    const extended = (base: Snapshot, ...changes: Buffer[]) => extendSnapshot(base, changes, verifyDigest);
    const forOther = permitActivated({ ...izin, rowCap: izin.rowCap + 1 });
    const refused = await extended(alone, forOther, permitActivated(izinOf()));
    assert.equal(reasonIn(refused), 'NOT_ACTIVATED');
    assert.deepEqual(
      refused.quarantined.map(({ fault }) => fault),
      ['IZIN_NOT_IN_FORCE', 'IZIN_NOT_IN_FORCE'],
    );
    const counts = await extended(refused, permitActivated(izin, { systems: ['simpus'] }));
    assert.equal(reasonIn(counts), izin.permitId);
    assert.equal(reasonIn(alone), 'NOT_ACTIVATED');
    const twice = await extended(counts, permitActivated(izin, { systems: ['lain'] }));
    assert.equal(reasonIn(twice), izin.permitId);
    assert.equal(twice.quarantined.at(-1)?.fault, 'ACTIVATED_BEFORE');
    // A new version takes its own Aktivasi, and an older one never comes back.
    const renewed = await extended(counts, issuedAlone({ ...izin, version: 1 }), permitActivated(izin));
    assert.equal(reasonIn(renewed), 'NOT_ACTIVATED');
    assert.equal(reasonIn(await extended(renewed, permitActivated({ ...izin, version: 1 }))), izin.permitId);
  });

  it('leaves a permit unactivated whose Aktivasi another signed', async () => {
    const [{ walikota }, other] = await Promise.all([testCertificates(), testCertificates()]);
    const izin = izinOf();
    const text = Buffer.from(printJson('rangkiang.permit.v1.Izin', Izin.encode(izin).finish()));
    const jws = await signIzin(text, walikota.keyPem, walikota.certPem);
    const says = async (aktivasiJws: string) => {
      const change = PolicyChange.encode({ change: { $case: 'permitIssued', value: { jws, aktivasiJws } } }).finish();
      const verify = verifyAgainst(pinnedKeys(walikota.certPem));
      return reasonIn(await extendSnapshot(statuteOnly, [Buffer.from(change)], verify));
    };
    assert.equal(await says(await signedAktivasi(izin, jws, walikota)), izin.permitId);
    assert.equal(await says(await signedAktivasi(izin, jws, other.walikota)), 'NOT_ACTIVATED');
    assert.equal(await says(jws), 'NOT_ACTIVATED');
    assert.equal(await says(''), 'NOT_ACTIVATED');
  });

  it('leaves the snapshot that it began from as it was', async () => {
    const izin = izinOf();
    const before = await snapshotOf(issued(izin));
    assert.equal(reasonIn(before), izin.permitId);
    const after = await extendSnapshot(before, [revoked(izin.permitId)], verifyDigest);
    assert.equal(reasonIn(after), 'PERMIT_REVOKED');
    assert.equal(reasonIn(before), izin.permitId);
    assert.equal(before.version, 1n);
    assert(Object.isFrozen(after));
  });

  it('comes to the same policy in one step or in many', async () => {
    const permits = Array.from({ length: 8 }, () => izinOf());
    const changes = permits.flatMap((izin, index) => [issued(izin), ...(index % 2 ? [] : [revoked(izin.permitId)])]);
    const whole = await snapshotOf(...changes);
    let steps = statuteOnly;
    for (const change of changes) steps = await extendSnapshot(steps, [change], verifyDigest);
    assert.deepEqual(steps.digest, whole.digest);
    assert.equal(steps.version, whole.version);
    for (const { permitId } of permits) assert.equal(reasonIn(steps, permitId), reasonIn(whole, permitId));
    assert.equal(reasonIn(steps), reasonIn(whole));
  });

  it('counts a permit that the Walikota signed, and not one with a byte changed or another signer', async () => {
    const [{ walikota }, other] = await Promise.all([testCertificates(), testCertificates()]);
    const change = async (izin: Izin, signer: { certPem: string; keyPem: string }, spoil = (jws: string) => jws) => {
      const text = Buffer.from(printJson('rangkiang.permit.v1.Izin', Izin.encode(izin).finish()));
      const jws = spoil(await signIzin(text, signer.keyPem, signer.certPem));
      const aktivasiJws = await signedAktivasi(izin, jws, signer);
      return Buffer.from(
        PolicyChange.encode({ change: { $case: 'permitIssued', value: { jws, aktivasiJws } } }).finish(),
      );
    };
    const izin = izinOf();
    const changes = await Promise.all([
      change(izinOf(), other.walikota),
      change(izinOf(), walikota, (jws) => jws.replace(/\.(.)/, (_, c) => `.${c === 'A' ? 'B' : 'A'}`)),
      change(izinOf({ quotaPerDay: 0 }), walikota),
      change(izin, walikota),
    ]);
    const snapshot = await extendSnapshot(statuteOnly, changes, verifyAgainst(pinnedKeys(walikota.certPem)));
    assert.equal(reasonIn(snapshot), izin.permitId);
    assert.deepEqual(
      snapshot.quarantined.map(({ fault }) => fault),
      ['SIGNATURE_INVALID', 'SIGNATURE_INVALID', 'REQUEST_INVALID'],
    );
  });

  it('counts each signature by the keys in force at its place in the policy', async () => {
    const [first, second, stranger] = [await newSigner(), await newSigner(), await newSigner()];
    const office = await newSigner({ isAuthority: true });
    const base = emptySnapshot(methods, readOpdCodes(), pinnedKeys(first.certPem + office.certPem));
    const permit = async (number: string, { certPem, keyPem }: Signer) => {
      const text = Buffer.from(printJson('rangkiang.permit.v1.Izin', Izin.encode(izinOf({ number })).finish()));
      const jws = await signIzin(text, keyPem, certPem);
      return Buffer.from(
        PolicyChange.encode({ change: { $case: 'permitIssued', value: { jws, aktivasiJws: '' } } }).finish(),
      );
    };
    const order = async (jws: Promise<string> | string) => {
      const change = { $case: 'signingKeyOrdered', value: { jws: await jws } } as const;
      return Buffer.from(PolicyChange.encode({ change }).finish());
    };
    const rotation = orderBy(first, { ends: first, begins: second });
    const changes = await Promise.all([
      permit('before', first),
      permit('too early', second),
      // What whoever writes the database can put there: no signature, a stranger's, the right text with another signature.
      order(''),
      order(orderBy(stranger, { ends: first, begins: stranger })),
      order(rotation.then((jws) => `${jws.slice(0, -4)}AAAA`)),
      permit('by a stranger', stranger),
      order(rotation),
      permit('too late', first),
      permit('after', second),
      order(orderBy(office, { ends: second })),
      permit('by a stolen key', second),
    ]);
    const whole = await extendSnapshot(base, changes, permitVerifiers);
    assert.deepEqual(
      whole.permits.map(({ number }) => number),
      ['before', 'after'],
    );
    const faults = ['SIGNATURE_INVALID', 'SIGNING_KEY_ENDED'];
    assert.deepEqual(
      whole.quarantined.map(({ version, fault }) => [Number(version), fault]),
      [2, 3, 4, 5, 6, 8, 11].map((version) => [version, faults[version < 8 ? 0 : 1]]),
    );
    let steps = base;
    for (const change of changes) steps = await extendSnapshot(steps, [change], permitVerifiers);
    assert.deepEqual(steps.signingKeys, whole.signingKeys);
    assert.deepEqual(steps.quarantined, whole.quarantined);
  });
});
