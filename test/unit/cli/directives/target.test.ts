import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DirectiveTarget } from '#gen/rangkiang/permit/v1/directive.ts';
import { validate } from '#mesh/contract.ts';
import { readTarget, targetKinds, tellTarget } from '../../../../cli/directives/target.ts';
import type { CliFailure } from '../../../../cli/failure.ts';

const names: Record<(typeof targetKinds)[number], string> = {
  opd: 'DKK',
  unit: 'DKK/PKM-PAUH',
  system: 'DKK/PKM-PAUH/simpus',
  certificate: '0A1B2C',
  operator: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  method: '/rangkiang.resident.v1.ResidentService/GetResident',
  element: 'AGAMA',
};

describe('a target on the command line', () => {
  it('is read, fits the contract, and is told in the same words', () => {
    for (const kind of targetKinds) {
      const target = readTarget(kind, names[kind]);
      validate('rangkiang.permit.v1.DirectiveTarget', DirectiveTarget.encode(target).finish());
      assert.equal(tellTarget(target), `${kind} ${names[kind]}`);
    }
  });

  it('takes a serial number as other programs print it, and a method by its short name', () => {
    assert.deepEqual(readTarget('certificate', '0a:1b:2c'), readTarget('certificate', '0A1B2C'));
    assert.deepEqual(readTarget('method', 'GetResident'), readTarget('method', names.method));
  });

  it('is refused in words when the kind, the form or the name is wrong', () => {
    for (const [kind, name, words] of [
      ['certficate', '0A', /certificate/],
      ['unit', 'PKM-PAUH', /OPD\/UNIT/],
      ['system', 'DKK/PKM-PAUH', /OPD\/UNIT\/SYSTEM/],
      ['unit', 'DKK//', /OPD\/UNIT/],
      ['method', 'GetEverything', /GetResident/],
      ['element', 'constructor', /AGAMA/],
    ] as const) {
      assert.throws(
        () => readTarget(kind, name),
        (error: CliFailure) => error.code === 2 && words.test(error.text.en),
      );
    }
  });
});
