import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { type Directive, LiftOrder } from '#gen/rangkiang/permit/v1/directive.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { printJson } from '#mesh/contract.ts';
import { signIzin } from '#mesh/izin.ts';
import { signLiftOrder, verifyLiftOrder } from '#mesh/lift-order.ts';
import { pinnedKeys } from '#mesh/signing-keys.ts';
import { decide, type PolicyRequest } from '../../../../broker/policy/decide.ts';
import { extendSnapshot } from '../../../../broker/policy/extend-snapshot.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import { testCertificates } from '../../../support/certificates.ts';
import {
  at,
  directiveOf,
  frozen,
  issued,
  izinOf,
  lifted,
  noon,
  requestOf,
  snapshotOf,
  statuteOnly,
  verifyDigest,
} from '../../../support/policy.ts';

const permit = issued(izinOf(), { systems: ['simpus', 'simpus2'] });
const unit = directiveOf({ $case: 'unit', value: { opd: 'DKK', unit: 'PKM-PAUH' } });

function told(snapshot: Snapshot, changes: Partial<PolicyRequest> = {}): string {
  const decision = decide(snapshot, requestOf(changes), at(noon));
  return decision.allowed ? 'ALLOWED' : decision.reason;
}

describe('directives in a snapshot', () => {
  it('freeze exactly what they name, each with its own reason', async () => {
    const statute = { method: '/rangkiang.permit.v1.PermitService/GetPermit', purpose: 'PERIZINAN' };
    const cases: [Directive['target'], string, Partial<PolicyRequest>, Partial<PolicyRequest>][] = [
      [{ target: { $case: 'opd', value: 'DKK' } }, 'FROZEN', statute, { ...statute, opd: 'DISDIK' }],
      [unit.target, 'UNIT_FROZEN', statute, { unit: 'PKM-NANGGALO' }],
      [
        { target: { $case: 'system', value: { opd: 'DKK', unit: 'PKM-PAUH', system: 'simpus' } } },
        'SYSTEM_FROZEN',
        {},
        { system: 'simpus2' },
      ],
      [{ target: { $case: 'certificateSerial', value: '0A1B2C' } }, 'CERTIFICATE_FROZEN', {}, { serial: '0A1B2D' }],
      [
        { target: { $case: 'operator', value: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' } },
        'OPERATOR_FROZEN',
        { operatorPseudonym: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' },
        {},
      ],
      [{ target: { $case: 'method', value: requestOf().method } }, 'METHOD_FROZEN', {}, statute],
    ];
    for (const [target, reason, hit, missed] of cases) {
      const snapshot = await snapshotOf(permit, frozen({ ...unit, target }));
      assert.equal(told(snapshot, hit), reason);
      assert.equal(told(snapshot, missed), 'ALLOWED', `${reason} reaches too far`);
    }
  });

  it('speak before any permit is looked at, the widest first', async () => {
    const opd = directiveOf({ $case: 'opd', value: 'DKK' });
    const method = directiveOf({ $case: 'method', value: requestOf().method });
    assert.equal(told(await snapshotOf(frozen(method)), {}), 'METHOD_FROZEN');
    assert.equal(told(await snapshotOf(frozen(method), frozen(unit), frozen(opd)), {}), 'FROZEN');
    assert.equal(told(await snapshotOf(frozen(method), frozen(unit)), { permit: crypto.randomUUID() }), 'UNIT_FROZEN');
    assert.equal(told(await snapshotOf(frozen(method)), { purpose: 'x' }), 'PURPOSE_UNKNOWN');
  });

  it('take a frozen element out of the terms, and deny when none is left', async () => {
    const element = (value: Element) => frozen(directiveOf({ $case: 'element', value }));
    const some = await snapshotOf(permit, element(Element.NIK));
    const decision = decide(some, requestOf(), at(noon));
    assert(decision.allowed);
    assert.deepEqual(Grant.decode(decision.terms).elements, [Element.NAMA_LENGKAP]);
    assert.equal(told(await snapshotOf(permit, element(Element.NIK), element(Element.NAMA_LENGKAP))), 'ELEMENT_FROZEN');
    const disabled = issued(izinOf({ elements: [Element.NIK, Element.CACAT], disability: true }));
    const without = decide(await snapshotOf(disabled, element(Element.CACAT)), requestOf(), at(noon));
    assert(without.allowed);
    assert.equal(Grant.decode(without.terms).disability, false);
  });

  it('hold until each of them is lifted', async () => {
    const again = { ...unit, directiveId: crypto.randomUUID() };
    const both = [permit, frozen(unit), frozen(again)];
    assert.equal(told(await snapshotOf(...both, lifted(unit))), 'UNIT_FROZEN');
    assert.equal(told(await snapshotOf(...both, lifted(unit), lifted(again))), 'ALLOWED');
  });

  it('leave the memo of an older snapshot as it was', async () => {
    const before = await snapshotOf(permit);
    assert.equal(told(before), 'ALLOWED');
    const after = await extendSnapshot(before, [frozen(unit)], verifyDigest);
    assert.equal(told(after), 'UNIT_FROZEN');
    assert.equal(told(before), 'ALLOWED');
    const nik = [Element.NIK, Element.NAMA_LENGKAP].map((value) => frozen(directiveOf({ $case: 'element', value })));
    assert.equal(told(await extendSnapshot(before, nik, verifyDigest)), 'ELEMENT_FROZEN');
  });
});

describe('a lift in the policy log', () => {
  async function faults(...changes: Buffer[]): Promise<[string, string[]]> {
    const snapshot = await snapshotOf(permit, ...changes);
    return [told(snapshot), snapshot.directives.refusedLifts.map(({ fault }) => fault)];
  }
  const broken = Buffer.from(PolicyChange.encode({ change: { $case: 'lifted', value: { jws: 'a.b' } } }).finish());

  it('counts for nothing when it is not signed, too early, for another target or said before', async () => {
    const other = { ...unit, target: { target: { $case: 'opd' as const, value: 'DKK' } } };
    assert.deepEqual(await faults(frozen(unit), broken), ['UNIT_FROZEN', ['SIGNATURE_INVALID']]);
    assert.deepEqual(await faults(lifted(unit), frozen(unit)), ['UNIT_FROZEN', ['NOT_IN_FORCE']]);
    assert.deepEqual(await faults(frozen(unit), lifted(other)), ['UNIT_FROZEN', ['TARGET_DIFFERS']]);
    assert.deepEqual(await faults(frozen(unit), lifted(unit), frozen(unit), lifted(unit)), [
      'UNIT_FROZEN',
      ['ORDER_REPEATED'],
    ]);
    const anew = lifted(unit, 'Perintah yang baru');
    assert.deepEqual(await faults(frozen(unit), lifted(unit), frozen(unit), anew), ['ALLOWED', []]);
  });

  it('counts for nothing where the snapshot is built without a verifier', async () => {
    const snapshot = await extendSnapshot(statuteOnly, [permit, frozen(unit), lifted(unit)], verifyDigest);
    assert.equal(told(snapshot), 'UNIT_FROZEN');
  });

  it("counts by the Walikota's signature over a LiftOrder and by nothing else", async () => {
    const [{ walikota }, { walikota: other }] = await Promise.all([testCertificates(), testCertificates()]);
    const { directiveId, target } = unit;
    const order = LiftOrder.encode({ directiveId, target, reason: 'Sandi sudah diganti' }).finish();
    const text = Buffer.from(printJson('rangkiang.permit.v1.LiftOrder', order));
    const verify = (jws: string) => verifyLiftOrder(jws, pinnedKeys(walikota.certPem));
    const toldAfter = async (jws: string): Promise<string> => {
      const lift = Buffer.from(PolicyChange.encode({ change: { $case: 'lifted', value: { jws } } }).finish());
      return told(
        await extendSnapshot(statuteOnly, [permit, frozen(unit), lift], verifyDigest, { verifyLift: verify }),
      );
    };
    const good = await signLiftOrder(text, walikota.keyPem, walikota.certPem);
    assert.equal(await toldAfter(good), 'ALLOWED');
    const wrong = [
      await signLiftOrder(text, other.keyPem, other.certPem),
      await signLiftOrder(text, other.keyPem, walikota.certPem),
      await signIzin(text, walikota.keyPem, walikota.certPem),
      good.replace(/\.(.)/, (_, c) => `.${c === 'A' ? 'B' : 'A'}`),
      `${good.split('.').slice(0, 2).join('.')}.`,
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${text.toString('base64url')}.`,
      await signLiftOrder(
        Buffer.from(`${text.toString().slice(0, -1)},"all":true}`),
        walikota.keyPem,
        walikota.certPem,
      ),
    ];
    for (const jws of wrong) assert.equal(await toldAfter(jws), 'UNIT_FROZEN', jws);
  });
});
