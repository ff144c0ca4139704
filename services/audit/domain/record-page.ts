import type { Record as LogRecord, RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';

/** A record as it is read. */
export interface RecordRow {
  readonly index: bigint;
  readonly leaf: Buffer;
  readonly leafHash: Buffer;
}

/**
 * A stretch of the log: indexes from `from` up to, not including, `below`, of these at most `limit` that may pass the
 * filter; whoever reads them tests them with `chosenBy`.
 */
export interface Stretch {
  readonly filter: RecordFilter;
  readonly from: bigint;
  readonly below: bigint;
  readonly limit: number;
}

// grpc-js receives at most 4 MiB. A usual record has 800 bytes in an answer, so that this cuts no usual page.
const PAGE_MAX_BYTES = 3 << 20;

/** As many rows from the start as fit into one message of so many bytes, and at least one. */
export function fitting(rows: readonly RecordRow[], maxBytes = PAGE_MAX_BYTES): readonly RecordRow[] {
  let bytes = 0;
  for (const [at, { leaf }] of rows.entries()) {
    // A leaf travels twice: as it is hashed, and decoded.
    bytes += 2 * leaf.length + 64;
    if (bytes > maxBytes && at > 0) return rows.slice(0, at);
  }
  return rows;
}

/** The record as the security team reads it. */
export function recordOf({ index, leaf, leafHash }: RecordRow): LogRecord {
  return { index, leafBytes: leaf, leaf: Leaf.decode(leaf), leafHash };
}
