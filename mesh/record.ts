import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import type { Kind, Leaf, Note, PolicyNarrowing, PrunedRange, Sign } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Element } from '#gen/rangkiang/type/v1/element.ts';
import { sealEntry } from './leaf.ts';

/** Whatever commits records: the append stream to the audit service, or the audit service itself. */
export interface Appender {
  /** Resolves when the record is committed. Rejects with MeshError AUDIT_UNAVAILABLE. */
  append(entry: Entry, timeoutMs?: number): Promise<{ index: bigint; leafHash: Buffer }>;
}

/** What a handler tells about its answer while it makes it. */
export interface RecordDraft {
  /** Unset: DISCLOSED or READ by the method's class, EMPTY when nothing was found, FAILED when it threw. */
  kind?: Kind;
  /** Elements that leave. */
  elements: readonly Element[];
  /** Rows that leave. */
  rows: number;
  /** NIKs whose data leave; sealed, never in the leaf. */
  subjects: readonly string[];
  /** What was searched for when nothing was found; sealed, never in the leaf. */
  searchTerms: string;
  /** Accepted rows of an import. */
  count: number;
  /** What the alerts should know of it. */
  signs: readonly Sign[];
  /** A claim did not match (VerifyResident). */
  wrongGuess: boolean;
}

/** An empty draft. */
export function newDraft(): RecordDraft {
  return { elements: [], rows: 0, subjects: [], searchTerms: '', count: 0, signs: [], wrongGuess: false };
}

/** What a record says beyond its grant and draft. */
export interface RecordFacts {
  readonly kind: Kind;
  readonly method: string;
  readonly writer: string;
  readonly traceId: Buffer;
  readonly reason?: string;
  /** Defaults to the grant's call id. */
  readonly eventId?: Buffer;
  readonly refersTo?: Buffer;
  readonly policyChangeDigest?: Buffer;
  readonly narrows?: PolicyNarrowing;
  readonly erasedKeys?: readonly bigint[];
  readonly pruned?: readonly PrunedRange[];
  /** Defaults to the grant's. */
  readonly emergency?: string;
  readonly note?: Note;
}

const NOTHING = Buffer.alloc(0);

function noteOf(signs: readonly Sign[]): Note | undefined {
  return signs.length === 0 ? undefined : { signs: [...signs], causedBy: [], remark: '' };
}

/** The entry of one record: its leaf's bytes are made here, once, and what is personal lies beside it to be sealed. */
export function makeEntry(grant: Grant, draft: Readonly<RecordDraft>, facts: RecordFacts): Entry {
  const leaf: Leaf = {
    eventId: facts.eventId ?? grant.callId,
    timeUs: BigInt(Date.now()) * 1000n,
    kind: facts.kind,
    opd: grant.opd,
    unit: grant.unit,
    system: grant.system,
    operatorPseudonym: grant.operatorPseudonym,
    permit: grant.permit,
    policyVersion: grant.policyVersion,
    purpose: grant.purpose,
    method: facts.method,
    elements: [...draft.elements],
    rows: draft.rows,
    reason: facts.reason ?? '',
    traceId: facts.traceId,
    subjectCount: draft.subjects.length,
    subjectsCommitment: NOTHING,
    contextCommitment: NOTHING,
    refersTo: facts.refersTo ?? NOTHING,
    writer: facts.writer,
    requestId: grant.requestId,
    policyChangeDigest: facts.policyChangeDigest ?? NOTHING,
    count: draft.count,
    narrows: facts.narrows,
    decision: grant.decision,
    erasedKeys: [...(facts.erasedKeys ?? [])],
    pruned: [...(facts.pruned ?? [])],
    emergency: facts.emergency ?? grant.emergency,
    legalBasis: grant.legalBasis,
    note: facts.note ?? noteOf(draft.signs),
  };
  return sealEntry(leaf, draft.subjects, {
    operator: grant.operator,
    caseNumber: grant.caseNumber,
    searchTerms: draft.searchTerms,
  });
}
