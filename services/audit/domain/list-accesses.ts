import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Access, ListAccessesRequest, ListAccessesResponse, Receipt } from '#gen/rangkiang/audit/v1/subject.ts';
import { pageToken, readPageToken } from './page-token.ts';
import type { PurposeRule } from './purpose-rules.ts';
import type { RecordRow } from './record-page.ts';

/** A record that concerns an owner, with their sealed part. */
export interface AccessRow extends RecordRow {
  readonly ownerTag: Buffer;
  readonly keyId: bigint;
  readonly sealed: Buffer;
  /** The commitments to all residents concerned, 32 bytes each. */
  readonly commitments: Buffer | null;
}

/** What is not shown yet: records of a purpose from a moment on, microseconds since 1970 UTC. */
export interface Withheld {
  readonly purpose: number;
  readonly fromUs: bigint;
}

/** What a listing works with. */
export interface AccessParts {
  readonly accesses: {
    /** Disclosures that concern an owner, newest first, below an index, without what is withheld. */
    of(ownerTag: Buffer, below: bigint, limit: number, withheld: readonly Withheld[]): Promise<AccessRow[]>;
  };
  readonly rules: ReadonlyMap<number, PurposeRule>;
  /** The tag of a NIK. */
  tag(nik: string): Buffer;
  /** Receipts of rows, for this NIK, in order; undefined for a row that no signed head holds yet. */
  receipts(rows: readonly AccessRow[], nik: string): Promise<readonly (Receipt | undefined)[]>;
}

const USUAL_PAGE_SIZE = 50;
const END = (1n << 63n) - 1n;
const DAY_US = 86_400_000_000n;

/** What the rules withhold at a moment. */
function withheldAt(rules: Iterable<PurposeRule>, nowMs: number): Withheld[] {
  const nowUs = BigInt(nowMs) * 1_000n;
  return [...rules]
    .filter(({ withheldDays }) => withheldDays > 0)
    .map(({ purpose, withheldDays }) => ({ purpose, fromUs: nowUs - BigInt(withheldDays) * DAY_US }));
}

/**
 * Who looked at one resident's data, newest first. Says of each look only what concerns this resident: not who else was in
 * the answer, nor for what case. Throws PAGE_TOKEN_INVALID.
 */
export async function listAccesses(
  parts: AccessParts,
  { nik, pageSize, pageToken: token, receipts: withReceipts }: ListAccessesRequest,
  nowMs: number,
): Promise<ListAccessesResponse> {
  const tag = parts.tag(nik);
  const below = token ? readPageToken(token, tag) : END;
  const size = pageSize || USUAL_PAGE_SIZE;
  // One more tells whether there is another page.
  const found = await parts.accesses.of(tag, below, size + 1, withheldAt(parts.rules.values(), nowMs));
  const rows = found.slice(0, size);
  const receipts = withReceipts ? await parts.receipts(rows, nik) : [];
  const last = found.length > size ? rows.at(-1) : undefined;
  return {
    accesses: rows.map((row, at) => accessOf(row, parts.rules, receipts[at])),
    nextPageToken: last ? pageToken(last.index, tag) : '',
  };
}

/** A look that the list shows this resident; undefined for every other record. */
export async function findAccess(
  { accesses, tag, rules }: Pick<AccessParts, 'accesses' | 'tag' | 'rules'>,
  nik: string,
  index: bigint,
  nowMs: number,
): Promise<AccessRow | undefined> {
  if (index >= END) return undefined;
  const [row] = await accesses.of(tag(nik), index + 1n, 1, withheldAt(rules.values(), nowMs));
  return row?.index === index ? row : undefined;
}

function accessOf({ index, leaf: bytes }: AccessRow, rules: AccessParts['rules'], receipt?: Receipt): Access {
  const { timeUs, opd, unit, purpose, elements, permit, method, legalBasis: stated } = Leaf.decode(bytes);
  const time = new Date(Number(timeUs / 1_000n));
  const legalBasis = stated || (rules.get(purpose)?.legalBasis ?? '');
  return { index, time, opd, unit, purpose, legalBasis, elements, permit, method, receipt };
}
