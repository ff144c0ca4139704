import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Match, Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { claimedElements, compareClaims } from '../../../../../services/resident/domain/comparison.ts';

const { SESUAI, TIDAK_SESUAI, TIDAK_ADA } = Match;
const address = {
  jalan: 'JL. SUDIRMAN NO. 5',
  rt: '001',
  rw: '002',
  kelurahan: '13.71.01.1001',
  namaKelurahan: 'Belakang Pondok',
};
const held = Resident.create({
  nik: '1371011708909003',
  namaLengkap: 'MUHAMMAD RIZKI',
  tempatLahir: 'PADANG PANJANG',
  tanggalLahir: { year: 1990, month: 8, day: 0 },
  agama: 1,
  alamatSekarang: address,
  punyaAktaLahir: false,
  noAktaLahir: '1371-LT-1',
});

/** [match, similarity] of the only claim. */
function compare(claims: Partial<Resident>): [Match, number] {
  const [result] = compareClaims(Resident.create(claims), held);
  assert.ok(result);
  return [result.match, result.similarity];
}

describe('resident: comparison of claims', () => {
  it('compares what is claimed, in order of the elements', () => {
    const claims = Resident.create({ agama: 2, nik: '1371011708909003', punyaAktaLahir: false, pekerjaan: 3 });
    assert.deepEqual(claimedElements(claims), [
      Element.NIK,
      Element.AGAMA,
      Element.PEKERJAAN,
      Element.PUNYA_AKTA_LAHIR,
    ]);
    assert.deepEqual(
      compareClaims(claims, held).map(({ match }) => match),
      [SESUAI, TIDAK_SESUAI, TIDAK_ADA, SESUAI],
    );
  });

  it('takes codes and dates as they are: an unknown day is not any day', () => {
    assert.deepEqual(compare({ tanggalLahir: { year: 1990, month: 8, day: 0 } }), [SESUAI, 1]);
    assert.deepEqual(compare({ tanggalLahir: { year: 1990, month: 8, day: 17 } }), [TIDAK_SESUAI, 0]);
    assert.deepEqual(compare({ punyaAktaLahir: true }), [TIDAK_SESUAI, 0]);
    assert.deepEqual(compare({ noAktaLahir: '1371 lt 1' }), [SESUAI, 1]);
    assert.deepEqual(compare({ tempatLahir: 'Padangpanjang' }), [SESUAI, 1]);
    assert.deepEqual(compare({ tempatLahir: 'PADANG' }), [TIDAK_SESUAI, 0]);
  });

  it('forgives one typing error in ten letters of a name, tells of three, and nothing beyond', () => {
    assert.deepEqual(compare({ namaLengkap: 'M. Rizky' }), [SESUAI, 1]);
    assert.deepEqual(compare({ namaLengkap: 'MUHAMMAD RISKI' }), [SESUAI, 0.9]);
    assert.deepEqual(compare({ namaLengkap: 'MUHAMMAD RISKA' }), [TIDAK_SESUAI, 0.8]);
    assert.deepEqual(compare({ namaLengkap: 'MUHAMMAD RASKA' }), [TIDAK_SESUAI, 0.7]);
    assert.deepEqual(compare({ namaLengkap: 'MUHAMMAD TASKA' }), [TIDAK_SESUAI, 0]);
    assert.deepEqual(compare({ namaLengkap: '---' }), [TIDAK_SESUAI, 0]);
  });

  it('compares the parts of an address that are claimed', () => {
    const part = { jalan: '', rt: '', rw: '', kelurahan: '', namaKelurahan: '' };
    assert.deepEqual(compare({ alamatSekarang: { ...address, jalan: 'Jalan Sudirman 5', namaKelurahan: 'X' } }), [
      SESUAI,
      1,
    ]);
    assert.deepEqual(compare({ alamatSekarang: { ...part, kelurahan: '13.71.01.1001' } }), [SESUAI, 1]);
    assert.deepEqual(compare({ alamatSekarang: { ...part, jalan: 'JL. SUDIRMAN NO. 6' } }), [SESUAI, 0.9]);
    assert.deepEqual(compare({ alamatSekarang: { ...address, rt: '003' } }), [TIDAK_SESUAI, 0]);
    assert.deepEqual(compare({ alamatSekarang: { ...address, jalan: 'JL. HATTA' } }), [TIDAK_SESUAI, 0]);
    assert.deepEqual(compare({ alamatSekarang: part }), [TIDAK_SESUAI, 0]);
    assert.deepEqual(compare({ alamatSebelumnya: address }), [TIDAK_ADA, 0]);
  });
});
