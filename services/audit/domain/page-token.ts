import { hash } from 'node:crypto';
import { RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { MeshError } from '#mesh/errors.ts';

const INDEX_BYTES = 8;
const FILTER_BYTES = 8;

function digest(filter: RecordFilter): Buffer {
  return hash('sha256', RecordFilter.encode(filter).finish(), 'buffer').subarray(0, FILTER_BYTES);
}

/** The token of a listing that goes on below index `below`. It is good for the same filter only. */
export function pageToken(below: bigint, filter: RecordFilter): string {
  const index = Buffer.alloc(INDEX_BYTES);
  index.writeBigInt64BE(below);
  return Buffer.concat([index, digest(filter)]).toString('base64url');
}

/** The index below which a listing goes on. Throws PAGE_TOKEN_INVALID for anything that `pageToken` did not give for this filter. */
export function readPageToken(token: string, filter: RecordFilter): bigint {
  const bytes = Buffer.from(token, 'base64url');
  const below = bytes.length === INDEX_BYTES + FILTER_BYTES ? bytes.readBigInt64BE() : -1n;
  if (below < 0n || pageToken(below, filter) !== token) throw new MeshError('PAGE_TOKEN_INVALID');
  return below;
}
