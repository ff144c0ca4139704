import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { checkResourcesRequest, checkResourcesVerdicts } from '../../../../bench/peers/cerbos.ts';

describe("Cerbos' messages", () => {
  it('ask one resource for each question', () => {
    const question = { opd: 'OPD_0', unit: 'UNIT-1', method: '/a.B/C', purpose: 'P', allowed: true };
    // Written down from cerbos/request/v1/request.proto and cerbos/engine/v1/engine.proto, fields in hexadecimal.
    const text = (value: string) => Buffer.from(value).toString('hex');
    const attribute = (name: string, value: string) => {
      const entry = `0a${hex(name.length)}${text(name)}12${hex(value.length + 2)}1a${hex(value.length)}${text(value)}`;
      return `22${hex(entry.length / 2)}${entry}`;
    };
    const principal = `0a06${text('simpus')}1a06${text('system')}`;
    const resource = `0a05${text('OPD_0')}1a01${text('0')}${attribute('unit', 'UNIT-1')}${attribute('purpose', 'P')}`;
    const entry = `0a06${text('/a.B/C')}12${hex(resource.length / 2)}${resource}`;
    const expected = `1a${hex(principal.length / 2)}${principal}22${hex(entry.length / 2)}${entry}`;
    assert.equal(checkResourcesRequest([question]).toString('hex'), expected);
  });

  it('answer with an effect for each', () => {
    // Two results, each with a resource (field 1) and one action (field 2): EFFECT_ALLOW is 1, EFFECT_DENY is 2.
    const result = (effect: string) => `12080a0012040a0010${effect}`;
    const response = Buffer.from(`0a00${result('01')}${result('02')}`, 'hex');
    assert.deepEqual(checkResourcesVerdicts(response), [true, false]);
  });
});

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
