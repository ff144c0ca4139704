import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { DirectiveTarget } from '#gen/rangkiang/permit/v1/directive.ts';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { type Allowed, decide } from '../../../../broker/policy/decide.ts';
import { extendSnapshot } from '../../../../broker/policy/extend-snapshot.ts';
import { type Held, mayRelease } from '../../../../broker/policy/release-check.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import {
  at,
  directiveOf,
  frozen,
  issued,
  izinOf,
  noon,
  requestOf,
  revoked,
  snapshotOf,
  validUntil,
  verifyDigest,
} from '../../../support/policy.ts';

describe('mayRelease', () => {
  let izin: Izin;
  let held: Held;
  const later = (...changes: Buffer[]): Promise<Snapshot> => extendSnapshot(held.snapshot, changes, verifyDigest);

  before(async () => {
    izin = izinOf();
    const snapshot = await snapshotOf(issued(izin));
    const decision = decide(snapshot, requestOf(), at(noon));
    assert(decision.allowed);
    held = { snapshot, decision, request: requestOf() };
  });

  it('releases under the snapshot that decided', () => {
    assert.equal(mayRelease(held, held.snapshot, at(noon)), 'RELEASE');
  });

  it('holds back without a live lease, whatever the snapshot', () => {
    assert.equal(mayRelease(held, held.snapshot, { ...at(noon), live: false }), 'POLICY_STALE');
  });

  it('holds back when the validity ended meanwhile, also within the uncertainty of the time', () => {
    assert.equal(mayRelease(held, held.snapshot, at(validUntil - 1)), 'RELEASE');
    assert.equal(mayRelease(held, held.snapshot, at(validUntil)), 'PERMIT_CHANGED');
    const straddling = { live: true, earliestMs: validUntil - 1, latestMs: validUntil };
    assert.equal(mayRelease(held, held.snapshot, straddling), 'PERMIT_CHANGED');
    assert.equal(mayRelease(held, held.snapshot, { ...at(noon), latestMs: Number.NaN }), 'PERMIT_CHANGED');
  });

  it('holds back when the hours ended meanwhile, under the same snapshot and under another', async () => {
    const untilOne = { ...izin, hours: [{ days: [], from: '07:30', until: '13:00' }] };
    const snapshot = await snapshotOf(issued(untilOne));
    const decision = decide(snapshot, requestOf(), at(noon));
    assert(decision.allowed);
    const waiting = { ...held, snapshot, decision };
    const one = noon + 3_600_000;
    assert.equal(mayRelease(waiting, snapshot, at(one - 1)), 'RELEASE');
    assert.equal(mayRelease(waiting, snapshot, at(one)), 'PERMIT_CHANGED');
    assert.equal(mayRelease(waiting, snapshot, { live: true, earliestMs: one - 1, latestMs: one }), 'PERMIT_CHANGED');
    const other = await extendSnapshot(snapshot, [issued(izinOf({ opd: 'DISDIK' }))], verifyDigest);
    assert.equal(mayRelease(waiting, other, at(one - 1)), 'RELEASE');
    assert.equal(mayRelease(waiting, other, at(one)), 'PERMIT_CHANGED');
  });

  it('holds back when the permit was revoked meanwhile', async () => {
    assert.equal(mayRelease(held, await later(revoked(izin.permitId)), at(noon)), 'PERMIT_CHANGED');
  });

  it('holds back when another permit would carry the call now, though it says the same', async () => {
    const twin = await later(issued({ ...izin, permitId: crypto.randomUUID() }), revoked(izin.permitId));
    assert.equal(decide(twin, requestOf(), at(noon)).allowed, true);
    assert.equal(mayRelease(held, twin, at(noon)), 'PERMIT_CHANGED');
  });

  it('holds back when a freeze came meanwhile, and only when it touches the call', async () => {
    const touching: DirectiveTarget['target'][] = [
      { $case: 'opd', value: 'DKK' },
      { $case: 'unit', value: { opd: 'DKK', unit: 'PKM-PAUH' } },
      { $case: 'system', value: { opd: 'DKK', unit: 'PKM-PAUH', system: 'simpus' } },
      { $case: 'certificateSerial', value: '0A1B2C' },
      { $case: 'method', value: held.request.method },
      { $case: 'element', value: Element.NIK },
    ];
    for (const target of touching) {
      const snapshot = await later(frozen(directiveOf(target)));
      assert.equal(mayRelease(held, snapshot, at(noon)), 'PERMIT_CHANGED', target?.$case);
    }
    const elsewhere: DirectiveTarget['target'][] = [
      { $case: 'unit', value: { opd: 'DKK', unit: 'PKM-NANGGALO' } },
      { $case: 'operator', value: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' },
      { $case: 'element', value: Element.AGAMA },
    ];
    const untouched = await later(...elsewhere.map((target) => frozen(directiveOf(target))));
    assert.equal(mayRelease(held, untouched, at(noon)), 'RELEASE');
  });

  it('releases when a snapshot came that does not touch the grant', async () => {
    const other = await later(issued(izinOf()), issued(izinOf({ opd: 'DISDIK' })));
    assert.equal(mayRelease(held, other, at(noon)), 'RELEASE');
  });

  it('compares every term of the grant', async () => {
    const changes: Partial<Izin>[] = [
      { elements: [2] },
      { units: [{ unit: 'PKM-PAUH', regions: ['13.71.09'] }] },
      { rowCap: 9 },
      { legalBasis: 'Perwali 12/2024' },
      { minimumCell: 6 },
      { children: true },
    ];
    for (const change of changes) {
      const snapshot = await snapshotOf(issued({ ...izin, ...change }));
      const decision = decide(snapshot, requestOf(), at(noon)) as Allowed;
      assert.equal(decision.permit, izin.permitId);
      assert.equal(mayRelease(held, snapshot, at(noon)), 'PERMIT_CHANGED', JSON.stringify(change));
    }
  });
});
