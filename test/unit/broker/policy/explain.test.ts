import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { check, explain } from '../../../../broker/policy/explain.ts';
import {
  at,
  directiveOf,
  frozen,
  issued,
  izinOf,
  noon,
  requestOf,
  residentMethods,
  revoked,
  snapshotOf,
} from '../../../support/policy.ts';

describe('explain', () => {
  it('shows every permit that could carry the call, oldest first, with its first failed check', async () => {
    const [elsewhere, gone, expired, fits] = [
      izinOf({ units: [{ unit: 'PUSAT', regions: ['13.71'] }], number: '470/001' }),
      izinOf({ number: '470/002' }),
      izinOf({ number: '470/003', validUntil: new Date(noon) }),
      izinOf({ number: '470/004', operatorRequired: true, caseNumberRequired: true }),
    ];
    const snapshot = await snapshotOf(
      ...[elsewhere, gone, expired, fits].map((izin) => issued(izin)),
      revoked(gone.permitId),
    );
    const { decision, candidates } = explain(snapshot, requestOf(), at(noon));
    assert(decision.allowed && decision.permit === fits.permitId);
    assert.deepEqual(
      candidates.map(({ permit, number, reason }) => ({ permit, number, reason })),
      [
        { permit: elsewhere.permitId, number: '470/001', reason: 'UNIT_NOT_GRANTED' },
        { permit: gone.permitId, number: '470/002', reason: 'PERMIT_REVOKED' },
        { permit: expired.permitId, number: '470/003', reason: 'PERMIT_EXPIRED' },
        { permit: fits.permitId, number: '470/004', reason: undefined },
      ],
    );
  });

  it('shows one permit when it is named, statute for a method of statute, and nothing before there are candidates', async () => {
    const izin = izinOf();
    const snapshot = await snapshotOf(issued(izin), issued(izinOf()));
    const ids = (changes: Parameters<typeof requestOf>[0]) =>
      explain(snapshot, requestOf(changes), at(noon)).candidates.map(({ permit }) => permit);
    assert.deepEqual(ids({ permit: izin.permitId }), [izin.permitId]);
    assert.deepEqual(ids({ method: '/rangkiang.permit.v1.PermitService/GetPermit', purpose: 'PERIZINAN' }), [
      'STATUTE',
    ]);
    assert.deepEqual(ids({ method: '/x.v1.X/Y' }), []);
    assert.deepEqual(ids({ permit: crypto.randomUUID() }), []);
  });
});

describe('explain under a directive', () => {
  it('gives the freeze as the reason, and shows an element freeze at the permit', async () => {
    const izin = izinOf({ elements: [Element.NIK] });
    const unit = directiveOf({ $case: 'unit', value: { opd: 'DKK', unit: 'PKM-PAUH' } });
    const ofUnit = explain(await snapshotOf(issued(izin), frozen(unit)), requestOf(), at(noon));
    assert.deepEqual(ofUnit, { decision: { allowed: false, reason: 'UNIT_FROZEN', permit: '' }, candidates: [] });
    const nik = directiveOf({ $case: 'element', value: Element.NIK });
    const ofElement = explain(await snapshotOf(issued(izin), frozen(nik)), requestOf(), at(noon));
    assert.equal(ofElement.decision.allowed, false);
    assert.deepEqual(
      ofElement.candidates.map(({ reason }) => reason),
      ['ELEMENT_FROZEN'],
    );
  });

  it('finds a frozen operator by the pseudonym, and nobody where none is named', async () => {
    const snapshot = await snapshotOf(
      issued(izinOf()),
      frozen(directiveOf({ $case: 'operator', value: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' })),
    );
    const { permit, opd, unit, method, purpose } = requestOf();
    const asked = { permit, opd, unit, method, purpose };
    const { decision } = explain(
      snapshot,
      { ...asked, operatorPseudonym: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' },
      at(noon),
    );
    assert(!decision.allowed && decision.reason === 'OPERATOR_FROZEN');
    assert.equal(explain(snapshot, asked, at(noon)).decision.allowed, true);
  });
});

describe('check', () => {
  it('answers as the call itself would be, if it brought operator and case number', async () => {
    const snapshot = await snapshotOf(issued(izinOf({ operatorRequired: true })));
    assert.equal(check(snapshot, requestOf(), at(noon)).allowed, true);
    assert.deepEqual(check(snapshot, requestOf({ method: residentMethods.family }), at(noon)), {
      allowed: false,
      reason: 'METHOD_NOT_GRANTED',
      permit: snapshot.permits[0]?.id,
    });
  });
});
