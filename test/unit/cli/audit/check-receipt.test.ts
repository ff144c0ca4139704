import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Receipt } from '#gen/rangkiang/audit/v1/subject.ts';
import { leafHash, subjectCommitment } from '#mesh/leaf.ts';
import { LOG_ORIGIN, signCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { nodeHash } from '#mesh/tlog/hash.ts';
import { logSigner, verifierOf } from '#mesh/tlog/note.ts';
import { checkReceipt, ReceiptInvalid } from '../../../../cli/audit/check-receipt.ts';
import { someEntry } from '../../../support/audit-entries.ts';

const NIK = '1371010101010001';
const OTHER = '1371010101010002';

describe('checkReceipt', () => {
  const signer = logSigner(LOG_ORIGIN, randomBytes(32));
  const log = verifierOf(signer.verifierKey);
  const entry = someEntry({}, [OTHER, NIK]);
  const sibling = randomBytes(32);
  const root = nodeHash(sibling, leafHash(entry.leaf));
  const receipt: Receipt = {
    index: 1n,
    leaf: entry.leaf,
    salt: entry.subjects[1]?.salt ?? Buffer.alloc(0),
    commitments: entry.subjects.map(({ salt, nik }) => subjectCommitment(salt, nik)),
    checkpoint: signCheckpoint({ size: 2n, root }, signer),
    inclusionProof: [sibling],
  };

  it('holds for the record, and for the resident whom it concerns', () => {
    assert.equal(checkReceipt(receipt, log).head.size, 2n);
    assert.equal(checkReceipt(receipt, log, NIK).leaf.opd, 'DKK');
  });

  it('does not hold for another resident, not even one whom the record concerns', () => {
    for (const nik of [OTHER, '1371010101010003']) assert.throws(() => checkReceipt(receipt, log, nik), ReceiptInvalid);
  });

  it("does not hold under another log's key", () => {
    const stranger = verifierOf(logSigner(LOG_ORIGIN, randomBytes(32)).verifierKey);
    assert.throws(() => checkReceipt(receipt, stranger, NIK), ReceiptInvalid);
  });

  it('does not hold with any byte changed', () => {
    const bytes = Receipt.encode(receipt).finish();
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const turned = Buffer.from(bytes);
        turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7));
        assert.throws(() => checkReceipt(Receipt.decode(turned), log, NIK));
      }),
      { numRuns: 500 },
    );
  });
});
