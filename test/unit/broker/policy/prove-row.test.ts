import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { makeRow } from '../../../../broker/policy/casbin.ts';
import { proveRow } from '../../../../broker/policy/prove-row.ts';
import { residentMethods } from '../../../support/policy.ts';

const content = {
  permit: 'STATUTE',
  opd: 'DKK',
  method: residentMethods.get,
  purpose: 'PERIZINAN',
  grant: 'OWN',
} as const;

describe('proveRow', () => {
  it('accepts rows that allow their own request and no other', () => {
    proveRow(makeRow({ ...content, eft: 'allow', units: '*' }));
    proveRow(makeRow({ ...content, eft: 'allow', units: ['PUSAT', 'PKM-PAUH'] }));
  });

  it('refuses a row that does not', () => {
    assert.throws(() => proveRow(makeRow({ ...content, eft: 'deny', units: '*' })), /does not allow its own request/);
  });
});
