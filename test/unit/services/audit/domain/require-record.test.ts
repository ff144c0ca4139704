import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { requireRecord } from '../../../../../services/audit/domain/require-record.ts';

const row = { index: 3n, leaf: Buffer.alloc(1), leafHash: Buffer.alloc(32) };
const log = {
  at: async (index: bigint) => (index === 3n ? row : undefined),
  isPruned: async (index: bigint) => index < 3n,
};

describe('a record that is asked for', () => {
  it('is given, or it is told whether it was pruned or is not there yet', async () => {
    assert.equal(await requireRecord(log, 3n), row);
    await assert.rejects(requireRecord(log, 2n), { reason: 'RECORD_PRUNED' });
    await assert.rejects(requireRecord(log, 4n), { reason: 'RECORD_NOT_FOUND' });
  });
});
