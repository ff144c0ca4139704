import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'mocha';
import type { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { changeBytes } from '../../../../../services/permit/domain/change-bytes.ts';
import { narrowingOf } from '../../../../../services/permit/domain/narrowing-of.ts';

describe('narrowingOf', () => {
  const told = (change: NonNullable<PolicyChange['change']>) => {
    const bytes = changeBytes(change);
    const { narrowing } = narrowingOf(change, bytes);
    return [narrowing?.$case, narrowing?.value === bytes ? 'the change' : narrowing?.value];
  };

  it('holds the change itself where that names nobody', () => {
    const permitId = randomUUID();
    const suspensionId = randomUUID();
    for (const change of [
      { $case: 'permitRevoked', value: { permitId, reason: 1 } },
      { $case: 'permitSuspended', value: { permitId, suspensionId, reason: 1 } },
    ] as const) {
      assert.deepEqual(told(change), ['change', 'the change']);
    }
  });

  it('names the permit whose version is replaced, and no more of the document', () => {
    const permitId = randomUUID();
    const payload = Buffer.from(JSON.stringify({ permitId, opd: 'DKK' })).toString('base64url');
    assert.deepEqual(told({ $case: 'permitIssued', value: { jws: `e30.${payload}.c2ln`, aktivasiJws: '' } }), [
      'permitId',
      permitId,
    ]);
  });

  it('names the OPD of withdrawn operators, and nothing by which one could be found', () => {
    const operatorDigest = Buffer.alloc(32, 7);
    assert.deepEqual(told({ $case: 'operatorWithdrawn', value: { opd: 'DKK', operatorDigest } }), [
      'operatorsOf',
      'DKK',
    ]);
    const keys = { opd: 'DKK', issuer: 'https://dkk', kids: ['siti'] };
    assert.deepEqual(told({ $case: 'operatorKeysWithdrawn', value: keys }), ['operatorsOf', 'DKK']);
  });
});
