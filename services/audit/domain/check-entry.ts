import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { contextCommitment, eventIdOf, leafHash, subjectCommitment, subjectsCommitment } from '#mesh/leaf.ts';

/** Most bytes of a leaf; usual are 340. Bounds what a page of records weighs, and fits the entry bundles of C2SP tlog-tiles. */
export const LEAF_MAX_BYTES = 4096;
const SALT_BYTES = 16;
const NIK = /^\d{16}$/;

/** An entry that can never be appended. The message holds nothing personal. */
export class EntryRefused extends Error {
  override readonly name = 'EntryRefused';
}

/** An entry whose leaf tells the truth about what lies beside it. */
export interface CheckedEntry {
  readonly entry: Entry;
  readonly eventId: Buffer;
  readonly leaf: Leaf;
  readonly leafHash: Buffer;
  /** One for each subject, in order. */
  readonly commitments: readonly Buffer[];
}

/** Checks an entry against its leaf, about 10 us. Throws EntryRefused. */
export function checkEntry(entry: Entry): CheckedEntry {
  const leaf = readLeaf(entry.leaf);
  const commitments = checkSubjects(entry, leaf);
  checkContext(entry, leaf);
  return { entry, eventId: leaf.eventId, leaf, leafHash: leafHash(entry.leaf), commitments };
}

function readLeaf(bytes: Buffer): Leaf {
  if (bytes.length > LEAF_MAX_BYTES) throw new EntryRefused(`the leaf has more than ${LEAF_MAX_BYTES} bytes`);
  let leaf: Leaf;
  let eventId: Buffer;
  try {
    eventId = eventIdOf(bytes);
    leaf = Leaf.decode(bytes);
  } catch (cause) {
    throw new EntryRefused('the leaf is not a Leaf that begins with an event id of 16 bytes', { cause });
  }
  // A second event id further on would win when decoded.
  if (!leaf.eventId.equals(eventId)) throw new EntryRefused('the leaf has two event ids');
  if (leaf.kind <= 0) throw new EntryRefused('the leaf has no kind');
  // Postgres cannot hold a zero character in a text column; left alone, it would fail the whole batch.
  if ([leaf.opd, leaf.method, leaf.reason].some((text) => text.includes('\0'))) {
    throw new EntryRefused('opd, method or reason contains a zero character');
  }
  return leaf;
}

function checkSubjects({ subjects }: Entry, leaf: Leaf): Buffer[] {
  // Salts of another length would let a NIK slide into the salt; a short one can be guessed.
  if (!subjects.every(({ salt, nik }) => salt.length === SALT_BYTES && NIK.test(nik))) {
    throw new EntryRefused('a subject is not a salt of 16 bytes and a NIK of 16 digits');
  }
  const commitments = subjects.map(({ salt, nik }) => subjectCommitment(salt, nik));
  if (leaf.subjectCount !== subjects.length || !subjectsCommitment(commitments).equals(leaf.subjectsCommitment)) {
    throw new EntryRefused('the leaf does not commit to the subjects');
  }
  return commitments;
}

function checkContext({ context, contextSalt }: Entry, leaf: Leaf): void {
  if (contextSalt.length !== (context.length === 0 ? 0 : SALT_BYTES)) {
    throw new EntryRefused('the salt of the context is not 16 bytes');
  }
  if (!contextCommitment(contextSalt, context).equals(leaf.contextCommitment)) {
    throw new EntryRefused('the leaf does not commit to the context');
  }
}
