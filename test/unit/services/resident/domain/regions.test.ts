import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  codeOf,
  isInside,
  kecamatanOf,
  multirangeOf,
  Regions,
} from '../../../../../services/resident/domain/regions.ts';

const file = new URL('../../../../../data/regions_kota_padang.csv', import.meta.url);
const csv = readFileSync(file, 'utf8');
const regions = Regions.parse(csv);
const codes = csv
  .split('\n')
  .slice(1)
  .map((line) => line.split(',')[0] ?? '')
  .filter(Boolean);

describe('resident: regions', () => {
  it('are the city, its 11 kecamatan and 104 kelurahan, by name', () => {
    assert.equal(codes.length, 116);
    for (const code of codes) assert.notEqual(regions.nameOf(code), '', code);
    assert.equal(regions.nameOf('13.71'), 'Kota Padang');
    assert.equal(regions.nameOf('13.71.01.1001'), 'Belakang Pondok');
    assert.equal(regions.nameOf('32.73.01.1001'), '');
    assert.equal(regions.kelurahanIn(['13.71']).length, 104);
  });

  it('have a number each that leads back to the code', () => {
    for (const number of regions.kelurahanIn(['13.71'])) {
      assert.equal(regions.numberOf(codeOf(number)), number);
      assert.ok(codeOf(number).startsWith(`${codeOf(kecamatanOf(number))}.`));
    }
    for (const code of ['13.71.01', '13.71.99.1001', '1371011001', '13.7101.1001', '']) {
      assert.equal(regions.numberOf(code), undefined, code);
    }
  });

  it('contain those whose code they begin, digit group by digit group', () => {
    assert.ok(isInside('13.71.01.1001', ['13.71.02', '13.71.01']));
    assert.ok(isInside('13.71.01', ['13.71.01']));
    assert.ok(!isInside('13.71.01', ['13.71.01.1001']));
    assert.ok(!isInside('13.71.01.1001', ['13.7', '13.71.0', '13.71.01.100']));
    assert.ok(!isInside('13.71.01.1001', []));
  });

  it('become ranges that hold exactly their kelurahan', () => {
    const all = regions.kelurahanIn(['13.71']);
    fc.assert(
      fc.property(fc.subarray(codes), (granted) => {
        const ranges = [...multirangeOf(granted).matchAll(/\[(\d+),(\d+)\)/g)].map(([, from, to]) => [
          Number(from),
          Number(to),
        ]);
        const held = all.filter((number) => ranges.some(([from = 0, to = 0]) => number >= from && number < to));
        assert.deepEqual(held, regions.kelurahanIn(granted));
      }),
    );
    assert.equal(multirangeOf([]), '{}');
  });

  it('never become a wider range by mistake', () => {
    for (const text of ['', '13', '13.71.', '13.71.1', '1371', '13.71.01.10011', '13.71)', '13.71.01\n']) {
      assert.throws(() => multirangeOf([text]), RangeError, JSON.stringify(text));
    }
  });
});
