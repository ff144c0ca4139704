import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { normaliseName, normaliseNumber, normaliseStreet } from '../../../../../services/resident/domain/spelling.ts';

describe('resident: spelling', () => {
  const sameNames = [
    ['Mohd. Djoko Soesilo', 'MUHAMMAD JOKO SUSILO', 'M. Joko Susilo', 'Muhamad  Joko-Susilo'],
    ['ACHMAD', 'AHMAD', 'Ahmed', 'AHMADD'],
    ['SITI NOERHALIZA', 'ST. NURHALIZA', 'Sitti Nurhaliza'],
    ['RIZKY', 'RIZKI', 'Rizqi'],
    ['KHAIRUL', 'CHAIRUL', 'HAIRUL'],
    ['SJAHRIL', 'SYAHRIL'],
    ['TJUT NJAK', 'CUT NYAK'],
    ["NU'AIM", 'NUAIM', 'NU’AIM'],
    ['RAMADHAN', 'RAMADAN'],
    ['FATHIMAH', 'FATIMAH'],
    ['ANNISA', 'ANISA'],
    ['NOVI', 'NOFI'],
    ['JOSÉ', 'JOSE'],
  ];
  for (const [first = '', ...others] of sameNames) {
    it(`knows the ways to write ${first}`, () => {
      for (const other of others) assert.equal(normaliseName(other), normaliseName(first));
    });
  }

  it('keeps different names apart', () => {
    const names = ['BUDI', 'BUDA', 'YANTI', 'IANTI', 'SRI', 'SARI', 'DEWI', 'DESI', 'SITI', 'SUTI'];
    assert.equal(new Set(names.map(normaliseName)).size, names.length);
  });

  it('knows the ways to write a street', () => {
    assert.equal(normaliseStreet('Jln. Sudirman No. 5'), normaliseStreet('JALAN SUDIRMAN NOMOR 5'));
    assert.equal(normaliseStreet('KOMP. GRIYA BLK. C/3'), normaliseStreet('Kompleks Griya Blok C 3'));
    assert.notEqual(normaliseStreet('GG. MELATI II'), normaliseStreet('GG. MELATI I'));
    assert.notEqual(normaliseStreet('JL. A NO. 11'), normaliseStreet('JL. A NO. 1'));
  });

  it('compares numbers of certificates by letters and digits only', () => {
    assert.equal(normaliseNumber('1371-LT-0001/2012'), normaliseNumber('1371 lt 0001.2012'));
    assert.notEqual(normaliseNumber('11'), normaliseNumber('1'));
  });
});
