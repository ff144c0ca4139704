import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { overlapsOf } from '../../../../broker/policy/overlaps.ts';
import { issued, izinOf, residentMethods, snapshotOf, validUntil } from '../../../support/policy.ts';

describe('overlapsOf', () => {
  it('finds the permits that cover a call of the draft at some time, with the units and methods in common', async () => {
    const draft = izinOf();
    const same = izinOf({
      number: '470/001',
      units: [{ unit: 'PKM-PAUH', regions: [] }],
      methods: [residentMethods.verify, residentMethods.family],
    });
    const others = [
      izinOf({ units: [{ unit: 'PUSAT', regions: ['13.71'] }] }),
      izinOf({ methods: [residentMethods.family] }),
      izinOf({ purpose: Purpose.ALOKASI_ANGGARAN }),
      izinOf({ validFrom: new Date(validUntil), validUntil: new Date(validUntil + 1) }),
    ];
    const { permits } = await snapshotOf(...[draft, same, ...others].map((izin) => issued(izin)));
    const [first, ...rest] = permits;
    assert(first);
    assert.deepEqual(overlapsOf(first, rest), [
      { permit: same.permitId, number: '470/001', units: ['PKM-PAUH'], methods: [residentMethods.verify] },
    ]);
  });
});
