import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RevocationReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { changeBytes, changeDigest } from '../../../../../services/permit/domain/change-bytes.ts';

describe('the bytes of policy changes', () => {
  it('holds changes that can be read again', () => {
    const revoked = { permitId: '5f0d5f3a-2c1b-4b0e-9a55-0d6f5f7f0b01', reason: RevocationReason.DIGANTIKAN };
    const bytes = changeBytes({ $case: 'permitRevoked', value: revoked });
    assert.deepEqual(PolicyChange.decode(bytes).change, { $case: 'permitRevoked', value: revoked });
    assert.equal(changeDigest(bytes).length, 32);
  });
});
