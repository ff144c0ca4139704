import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { decide } from '../../../../broker/policy/decide.ts';
import { type EffectiveUse, effectiveRow, usesOf } from '../../../../broker/policy/effective.ts';
import { purposeByName } from '../../../../broker/policy/purposes.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import { at, issued, izinOf, noon, requestOf, revoked, snapshotOf } from '../../../support/policy.ts';

const all = (snapshot: Snapshot, unit = ''): EffectiveUse[] => {
  const policy = snapshot.opds.get('DKK');
  assert(policy);
  return [...usesOf(policy, unit, at(noon))];
};

describe('what is effective', () => {
  it('is exactly what decide allows, over every unit, method, purpose and permit', async () => {
    const [gone, over, later] = [
      izinOf(),
      izinOf({ validUntil: new Date(noon) }),
      izinOf({ validFrom: new Date(noon + 1) }),
    ];
    const bare = izinOf({ units: [{ unit: 'PKM-PAUH', regions: [] }] });
    const changes = [gone, over, later, bare, izinOf(), izinOf({ operatorRequired: true })].map((izin) => issued(izin));
    const snapshot = await snapshotOf(...changes, revoked(gone.permitId));
    const key = (unit: string, method: string, purpose: string, permit: string) =>
      [unit, method, purpose, permit].join(' ');
    const told = all(snapshot)
      .map((use) => effectiveRow(snapshot, 'DKK', use, at(noon)))
      .filter(({ reason }) => reason === undefined)
      .flatMap((row) =>
        (row.unit === '*' ? ['PUSAT', 'PKM-PAUH', 'PKM-NANGGALO'] : [row.unit]).map((unit) =>
          key(unit, row.method, row.purpose, row.permit),
        ),
      );
    const decided = ['PUSAT', 'PKM-PAUH', 'PKM-NANGGALO'].flatMap((unit) =>
      [...snapshot.methods.keys()].flatMap((method) =>
        [...purposeByName.keys()].flatMap((purpose) =>
          ['STATUTE', ...snapshot.permits.map(({ id }) => id)]
            .filter((permit) => {
              const request = requestOf({ unit, method, purpose, permit, hasOperator: true, hasCaseNumber: true });
              return decide(snapshot, request, at(noon)).allowed;
            })
            .map((permit) => key(unit, method, purpose, permit)),
        ),
      ),
    );
    assert.deepEqual(told.sort(), decided.sort());
  });

  it('lists what will be callable with the reason why it is not yet, and no permit that is revoked or over', async () => {
    const [gone, over, later] = [
      izinOf(),
      izinOf({ validUntil: new Date(noon) }),
      izinOf({ validFrom: new Date(noon + 1) }),
    ];
    const snapshot = await snapshotOf(...[gone, over, later].map((izin) => issued(izin)), revoked(gone.permitId));
    const rows = all(snapshot, 'PKM-NANGGALO').map((use) => effectiveRow(snapshot, 'DKK', use, at(noon)));
    const ofPermits = rows.filter(({ permit }) => permit !== 'STATUTE');
    assert.deepEqual(new Set(ofPermits.map(({ permit }) => permit)), new Set([later.permitId]));
    for (const row of ofPermits) {
      assert.deepEqual([row.unit, row.reason], ['PKM-NANGGALO', 'PERMIT_NOT_YET_VALID']);
      assert.deepEqual(row.regions, ['13.71.10', '13.71.11']);
    }
  });
});
