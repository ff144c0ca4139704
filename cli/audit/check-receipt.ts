import { leafHash, subjectCommitment, subjectsCommitment } from '../../mesh/leaf.ts';
import { type Head, openCheckpoint } from '../../mesh/tlog/checkpoint.ts';
import { NoteInvalid, type Verifier } from '../../mesh/tlog/note.ts';
import { verifyInclusion } from '../../mesh/tlog/proof.ts';
import { Leaf } from '../../proto/gen/rangkiang/audit/v1/leaf.ts';
import type { Receipt } from '../../proto/gen/rangkiang/audit/v1/subject.ts';
import type { Text } from '../language.ts';

/** What a receipt shows. */
export interface CheckedReceipt {
  readonly leaf: Leaf;
  readonly head: Head;
}

/** A receipt does not show what it claims. */
export class ReceiptInvalid extends Error {
  override readonly name = 'ReceiptInvalid';
  readonly text: Text;

  constructor(text: Text) {
    super(text.en);
    this.text = text;
  }
}

/**
 * Checks a receipt with nothing but the log's public key and, when given, the resident's NIK: the head is signed, the record is
 * in the log with that head, and the record commits to this NIK. Throws ReceiptInvalid, with the first that fails.
 */
export function checkReceipt(receipt: Receipt, log: Verifier, nik?: string): CheckedReceipt {
  const head = signedHead(receipt, log);
  const { index, leaf: bytes, inclusionProof, commitments, salt } = receipt;
  if (!verifyInclusion({ index, leafHash: leafHash(bytes) }, head, inclusionProof)) {
    throw new ReceiptInvalid({
      id: 'Catatan ini tidak ada dalam log yang ditandatangani.',
      en: 'The record is not in the log that was signed.',
    });
  }
  const leaf = Leaf.decode(bytes);
  if (leaf.subjectCount !== commitments.length || !subjectsCommitment(commitments).equals(leaf.subjectsCommitment)) {
    throw new ReceiptInvalid({
      id: 'Catatan ini memuat komitmen lain daripada tanda terimanya.',
      en: 'The record holds other commitments than the receipt.',
    });
  }
  if (nik !== undefined && !commitments.some((one) => one.equals(subjectCommitment(salt, nik)))) {
    throw new ReceiptInvalid({ id: 'Catatan ini bukan tentang NIK ini.', en: 'The record is not about this NIK.' });
  }
  return { leaf, head };
}

function signedHead({ checkpoint }: Receipt, log: Verifier): Head {
  try {
    return openCheckpoint(checkpoint, log);
  } catch (cause) {
    if (!(cause instanceof NoteInvalid)) throw cause;
    throw new ReceiptInvalid({
      id: 'Kepala log dalam tanda terima ini tidak ditandatangani oleh kunci log.',
      en: "The head in this receipt is not signed by the log's key.",
    });
  }
}
