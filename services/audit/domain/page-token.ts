import { hash } from 'node:crypto';
import { MeshError } from '#mesh/errors.ts';

const INDEX_BYTES = 8;
const LISTING_BYTES = 8;

function digest(listing: Uint8Array): Buffer {
  return hash('sha256', listing, 'buffer').subarray(0, LISTING_BYTES);
}

/** The token of a listing that goes on below index `below`. It is good for the same listing only: whatever tells it from others. */
export function pageToken(below: bigint, listing: Uint8Array): string {
  const index = Buffer.alloc(INDEX_BYTES);
  index.writeBigInt64BE(below);
  return Buffer.concat([index, digest(listing)]).toString('base64url');
}

/** The index below which a listing goes on. Throws PAGE_TOKEN_INVALID for anything that `pageToken` did not give for this listing. */
export function readPageToken(token: string, listing: Uint8Array): bigint {
  const bytes = Buffer.from(token, 'base64url');
  const below = bytes.length === INDEX_BYTES + LISTING_BYTES ? bytes.readBigInt64BE() : -1n;
  if (below < 0n || pageToken(below, listing) !== token) throw new MeshError('PAGE_TOKEN_INVALID');
  return below;
}
