import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { parseOpdList } from '../../../../../services/permit/domain/opd-list.ts';

describe('the list of agencies', () => {
  it('holds the 49 agencies of the city, each code once', () => {
    const csv = readFileSync(new URL('../../../../../data/opd_kota_padang.csv', import.meta.url), 'utf8');
    const agencies = parseOpdList(csv);
    assert.equal(new Set(agencies.map(({ code }) => code)).size, 49);
    assert.equal(agencies.length, 49);
    assert.ok(agencies.every(({ name }) => name.length > 0));
  });

  it('reads names in quotes and leaves the heading out', () => {
    const csv = 'code,name,kind\nDP3AP2KB,"Dinas ""A"", B",dinas\nDKK,Dinas Kesehatan,dinas\n';
    assert.deepEqual(parseOpdList(csv), [
      { code: 'DP3AP2KB', name: 'Dinas "A", B' },
      { code: 'DKK', name: 'Dinas Kesehatan' },
    ]);
  });
});
