import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ListRecordsRequest, RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { CheckAccessRequest } from '#gen/rangkiang/broker/v1/decision.ts';
import { countField, rowsToRefund, rowsToReserve } from '../../../broker/cost.ts';

const word = fc.string({ maxLength: 40 });

describe('cost of a call', () => {
  it('counts the items of a repeated field without decoding them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ method: word, purpose: word, permit: word, unit: word }), { maxLength: 200 }),
        (questions) => {
          assert.equal(countField(CheckAccessRequest.encode({ questions }).finish(), 1), questions.length);
        },
      ),
    );
  });

  it('skips what lies between', () => {
    const bytes = ListRecordsRequest.encode({
      filter: RecordFilter.create({ opd: 'DKK', kinds: [1, 2] }),
      pageSize: 300,
      pageToken: 'x'.repeat(300),
    }).finish();
    assert.deepEqual(
      [1, 2, 3, 4].map((field) => countField(bytes, field)),
      [1, 1, 1, 0],
    );
  });

  it('refuses bytes that are cut off or no message, and never runs past their end', () => {
    const whole = CheckAccessRequest.encode({
      questions: [{ method: 'abcdef', purpose: '', permit: '', unit: '' }],
    }).finish();
    for (let length = 1; length < whole.length; length += 1) {
      assert.throws(() => countField(whole.subarray(0, length), 1), { reason: 'REQUEST_MALFORMED' });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          assert.ok(countField(bytes, 1) <= bytes.length);
        } catch (error) {
          assert.equal((error as { reason?: string }).reason, 'REQUEST_MALFORMED');
        }
      }),
    );
  });

  it('reserves what may be answered and refunds what was not, but asking costs one', () => {
    const none = new Uint8Array();
    assert.equal(rowsToReserve({ kind: 'NONE' }, none, 5), 0);
    assert.equal(rowsToReserve({ kind: 'PER_CALL', rows: 1 }, none, 5), 1);
    assert.equal(rowsToReserve({ kind: 'AT_MOST', rows: 30 }, none, 5), 5);
    assert.equal(rowsToReserve({ kind: 'AT_MOST', rows: 30 }, none, 0), 30);
    assert.equal(rowsToReserve({ kind: 'PER_ITEM', field: 1 }, none, 5), 1);
    assert.equal(rowsToRefund({ kind: 'AT_MOST', rows: 30 }, 30, 4), 26);
    assert.equal(rowsToRefund({ kind: 'AT_MOST', rows: 30 }, 30, 0), 29);
    assert.equal(rowsToRefund({ kind: 'PER_CALL', rows: 1 }, 1, 0), 0);
  });
});
