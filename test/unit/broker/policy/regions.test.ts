import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { RegionTable, readRegionTable } from '../../../../broker/policy/regions.ts';

describe('the region table', () => {
  const table = new RegionTable(['13.71', '13.71.01', '13.71.01.1001', '13.71.01.1002', '13.71.02', '13.71.02.1001']);
  const kelurahan = ['13.71.01.1001', '13.71.01.1002', '13.71.02.1001'];

  it('writes the same kelurahan in as few codes as possible', () => {
    assert.deepEqual(table.codesOf(table.maskOf(kelurahan)), ['13.71']);
    assert.deepEqual(table.codesOf(table.maskOf(['13.71.01.1001', '13.71.01.1002'])), ['13.71.01']);
    assert.deepEqual(table.codesOf(table.maskOf(['13.71.01.1002'])), ['13.71.01.1002']);
    assert.deepEqual(table.codesOf(0n), []);
    fc.assert(
      fc.property(fc.subarray(kelurahan), (some) => {
        const mask = table.maskOf(some);
        assert.equal(table.maskOf(table.codesOf(mask)), mask);
        assert.equal(table.counts(mask).kelurahan, some.length);
      }),
    );
  });

  it('gives nothing for a code that is no region of the city, and names it', () => {
    assert.equal(table.maskOf(['13.71.01.9999', '13.71.0']), 0n);
    assert.deepEqual(table.unknown(['13.71.01', '13.71.01.9999', '13.71.0']), ['13.71.01.9999', '13.71.0']);
  });

  it('knows the 11 kecamatan and 104 kelurahan of Padang', () => {
    const padang = readRegionTable();
    assert.equal(padang.size, 104);
    assert.deepEqual(padang.counts(padang.maskOf(['13.71'])), { kecamatan: 11, kelurahan: 104 });
  });
});
