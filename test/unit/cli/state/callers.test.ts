import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { callerId, callers, opdCodes, puskesmas } from '../../../../cli/state/callers.ts';

describe('callers', () => {
  it('are the 49 OPD, the 23 Puskesmas, the Walikota and the security team', () => {
    assert.equal(opdCodes.length, 49);
    assert.equal(puskesmas.length, 23);
    const names = callers.map(({ name }) => name);
    assert.equal(new Set(names).size, 49 + 23 + 2);
    for (const name of ['DISDUKCAPIL', 'WALIKOTA', 'SECURITY', 'OPD_49', 'PKM-TUNGGUL-HITAM'])
      assert.ok(names.includes(name));
  });

  it('have SPIFFE ids of the form that the mesh reads, no two alike', () => {
    const form =
      /^spiffe:\/\/padang\.go\.id\/opd\/[A-Z][A-Z0-9_]{1,19}\/unit\/[A-Z][A-Z0-9-]{1,39}\/sistem\/[a-z][a-z0-9-]*$/;
    for (const caller of callers) assert.match(callerId(caller), form);
    assert.equal(new Set(callers.map(callerId)).size, callers.length);
  });

  it('give a Puskesmas the health office as its OPD and its own kecamatan', () => {
    const caller = callers.find(({ name }) => name === 'PKM-LUBUK-BUAYA');
    assert.ok(caller);
    assert.equal(callerId(caller), 'spiffe://padang.go.id/opd/DKK/unit/PKM-LUBUK-BUAYA/sistem/simpus');
    assert.equal(puskesmas.find(({ unit }) => unit === 'PKM-LUBUK-BUAYA')?.kecamatan, '13.71.11');
  });
});
