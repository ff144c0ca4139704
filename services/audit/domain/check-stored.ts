import type { KeyObject } from 'node:crypto';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type StoredFault, StoredFaultCode } from '#gen/rangkiang/audit/v1/proof.ts';
import { contextCommitment, subjectCommitment, subjectsCommitment } from '#mesh/leaf.ts';
import { HASH_BYTES } from '#mesh/tlog/hash.ts';
import type { WrappedKey } from './master-keys.ts';
import { type OpenedPart, openPart, partOwner } from './seal.ts';

/** A row of the log with its copies for queries. */
export interface StoredEntry {
  readonly index: bigint;
  readonly eventId: Buffer;
  readonly timeUs: bigint;
  readonly kind: number;
  readonly opd: string;
  readonly method: string;
  readonly reason: string;
  readonly leaf: Buffer;
  readonly leafHash: Buffer;
  readonly commitments: Buffer | null;
}

/** A sealed part beside a row, with its key as it was stored in the same moment. */
export interface StoredPart {
  readonly index: bigint;
  readonly ownerTag: Buffer;
  readonly purpose: number;
  readonly sealed: Buffer;
  /** Undefined when the key store has none: whoever destroys a key removes what it sealed in the same transaction. */
  readonly key: WrappedKey | undefined;
}

/** What the check needs beside the rows. */
export interface StoredCheckParts {
  /** Throws when the key was changed. */
  unwrap(key: WrappedKey): KeyObject;
  /** The tag of an owner; see Sealer. */
  tag(owner: string): Buffer;
  /** Whether what was sealed beside this record may be gone: somebody was erased since, or its time is over. */
  mayBeGone(index: bigint, leaf: Leaf): boolean;
}

/** What was found of one record. */
export interface StoredFinding {
  readonly fault?: StoredFault;
  readonly opened: number;
  readonly isGone: boolean;
}

const { COLUMN, SEALED, SEALED_MISSING } = StoredFaultCode;

/** Every copy for queries, and what the leaf says of it. */
const columns: readonly (readonly [string, (row: StoredEntry, leaf: Leaf) => boolean])[] = [
  ['event_id', ({ eventId }, leaf) => eventId.equals(leaf.eventId)],
  ['time_us', ({ timeUs }, leaf) => timeUs === leaf.timeUs],
  ['kind', ({ kind }, leaf) => kind === leaf.kind],
  ['opd', ({ opd }, leaf) => opd === leaf.opd],
  ['method', ({ method }, leaf) => method === leaf.method],
  ['reason', ({ reason }, leaf) => reason === leaf.reason],
  [
    'commitments',
    ({ commitments }, leaf) =>
      (commitments?.length ?? 0) === leaf.subjectCount * HASH_BYTES &&
      subjectsCommitment(commitments ? [commitments] : []).equals(leaf.subjectsCommitment),
  ],
];

/** Holds what is stored beside one record against what the record says. 30 us with one sealed part. */
export function checkStored(row: StoredEntry, parts: readonly StoredPart[], needs: StoredCheckParts): StoredFinding {
  const { index } = row;
  const fault = (code: StoredFaultCode, column = ''): StoredFinding => ({
    fault: { index, code, column },
    opened: 0,
    isGone: false,
  });
  const leaf = decoded(row.leaf);
  if (!leaf) return fault(COLUMN, 'leaf');
  const different = columns.find(([, agrees]) => !agrees(row, leaf));
  if (different) return fault(COLUMN, different[0]);
  if (parts.some(({ purpose }) => purpose !== leaf.purpose)) return fault(COLUMN, 'access.purpose');

  const opened = parts.map((part) => openedPart(row, leaf, part, needs));
  if (opened.includes(undefined)) return fault(SEALED);
  const subjects = opened.reduce((sum, part) => sum + (part?.subjects.length ?? 0), 0);
  const hasContext = opened.some((part) => part && part.context.length > 0);
  const isGone = subjects < leaf.subjectCount || (leaf.contextCommitment.length > 0 && !hasContext);
  if (isGone && !needs.mayBeGone(index, leaf)) return fault(SEALED_MISSING);
  return { opened: opened.length, isGone };
}

function decoded(bytes: Buffer): Leaf | undefined {
  try {
    return Leaf.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Undefined when it does not open, or is not what the leaf commits to, or lies under another's tag. */
function openedPart(row: StoredEntry, leaf: Leaf, part: StoredPart, needs: StoredCheckParts): OpenedPart | undefined {
  if (!part.key) return undefined;
  let opened: OpenedPart;
  try {
    opened = openPart(needs.unwrap(part.key), row.leafHash, part.sealed);
  } catch {
    return undefined;
  }
  const { subjects, context, contextSalt } = opened;
  const isCommitted =
    subjects.every(({ salt, nik }) => isAmong(row.commitments, subjectCommitment(salt, nik))) &&
    (context.length === 0 || contextCommitment(contextSalt, context).equals(leaf.contextCommitment));
  return isCommitted && needs.tag(partOwner(leaf, opened)).equals(part.ownerTag) ? opened : undefined;
}

function isAmong(commitments: Buffer | null, wanted: Buffer): boolean {
  for (let at = 0; commitments && at < commitments.length; at += HASH_BYTES) {
    if (commitments.subarray(at, at + HASH_BYTES).equals(wanted)) return true;
  }
  return false;
}
