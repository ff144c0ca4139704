import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AS_OF, civil, dayOf } from '../../../../cli/population/calendar.ts';
import { NumberRegister } from '../../../../cli/population/numbers.ts';

const KURANJI = { code: '13.71.09', nikPrefix: '137109', town: 'PADANG', index: 0 };
const AGAM = { code: '13.06.02', nikPrefix: '130602', town: 'LUBUK BASUNG', index: 1 };
const births = fc.integer({ min: dayOf(1926, 1, 1), max: AS_OF }).map(civil);
const requests = fc.array(fc.record({ birth: births, female: fc.boolean(), agam: fc.boolean(), card: fc.boolean() }), {
  minLength: 1,
  maxLength: 200,
});

describe('NumberRegister', () => {
  it('writes kecamatan, birth date with 40 more for women, and a sequence from 9000', () => {
    const numbers = new NumberRegister(2);
    const birth = { year: 1990, month: 8, day: 17 };
    assert.equal(numbers.nik(KURANJI, birth, false), '1371091708909000');
    assert.equal(numbers.nik(KURANJI, birth, false), '1371091708909001');
    assert.equal(numbers.nik(KURANJI, birth, true), '1371095708909000');
    assert.equal(numbers.nik(AGAM, birth, true), '1306025708909000');
  });

  it('never gives a number twice, neither as NIK nor as family card', () => {
    fc.assert(
      fc.property(requests, (all) => {
        const numbers = new NumberRegister(2);
        const given = all.flatMap(({ birth, female, agam, card }) => {
          const origin = agam ? AGAM : KURANJI;
          const nik = numbers.nik(origin, birth, female);
          return card ? [nik, numbers.familyCard(origin, birth)] : [nik];
        });
        assert.equal(new Set(given).size, given.length);
        for (const number of given) assert.match(number, /^(137109|130602)\d{6}9\d{3}$/);
      }),
    );
  });

  it('keeps people born a century apart apart', () => {
    const numbers = new NumberRegister(1);
    const old = numbers.nik(KURANJI, { year: 1926, month: 2, day: 3 }, false);
    const young = numbers.nik(KURANJI, { year: 2026, month: 2, day: 3 }, false);
    assert.notEqual(old, young);
    assert.equal(old.slice(0, 12), young.slice(0, 12));
  });

  it('stops when the sequences of one day are used up', () => {
    const numbers = new NumberRegister(1);
    const birth = { year: 2000, month: 1, day: 1 };
    for (let i = 0; i < 999; i += 1) numbers.nik(KURANJI, birth, false);
    assert.equal(numbers.nik(KURANJI, birth, false), '1371090101009999');
    assert.throws(() => numbers.nik(KURANJI, birth, false), RangeError);
  });
});
