import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { izinDigest } from '#mesh/izin.ts';
import { activatesNoMore, aktivasiMisfit } from '../../../../../services/permit/domain/aktivasi-fit.ts';
import { izinOf } from '../../../../support/policy.ts';

describe('an Aktivasi', () => {
  const izin = izinOf({ version: 3 });
  const digest = izinDigest('a.b.c');
  const fitting = Aktivasi.fromPartial({ permitId: izin.permitId, version: 3, izinDigest: digest });
  const under61 = (changes: Partial<Aktivasi>) =>
    aktivasiMisfit({ ...fitting, ...changes }, izin, digest, 'PERMENDAGRI_61_2015');

  it('is that of one Izin, byte for byte', () => {
    assert.equal(under61({}), undefined);
    assert.equal(under61({ permitId: izinOf().permitId }), 'permit_id');
    assert.equal(under61({ version: 2 }), 'version');
    assert.equal(under61({ izinDigest: izinDigest('a.b.d') }), 'izin_digest');
    assert.equal(under61({ izinDigest: digest.subarray(0, 31) }), 'izin_digest');
    assert.equal(aktivasiMisfit(fitting, undefined, digest, 'PERMENDAGRI_61_2015'), 'permit_id');
  });

  it('states the conformity check under 102/2019, and only there', () => {
    const checked = { ...fitting, conformityNumber: '470/1/BA-UJI' };
    assert.equal(under61(checked), 'conformity_number');
    assert.equal(aktivasiMisfit(checked, izin, digest, 'PERMENDAGRI_102_2019'), undefined);
    assert.equal(aktivasiMisfit(fitting, izin, digest, 'PERMENDAGRI_102_2019'), 'conformity_number');
  });

  it('activates no more than another when it names no other system and no other network', () => {
    const [systems, networks] = [
      ['a', 'b'],
      ['10.0.0.0/8', '::/0'],
    ];
    const inForce = { ...fitting, systems, networks };
    assert(activatesNoMore(inForce, { ...inForce, systems: ['b'], networks: [] }));
    assert(!activatesNoMore(inForce, { ...inForce, systems: ['b', 'c'] }));
    assert(!activatesNoMore(inForce, { ...inForce, networks: ['10.0.0.0/8', '11.0.0.0/8'] }));
    assert(!activatesNoMore(undefined, { ...fitting, systems: [], networks: [] }));
  });
});
