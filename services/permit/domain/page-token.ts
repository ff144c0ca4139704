import { hash } from 'node:crypto';

const NUMBER_BYTES = 8;
const CHECK_BYTES = 8;

/**
 * An opaque token for the page after the row numbered `last`. It is bound to its listing (`listing`: method, filter
 * and scope), so that a token of another listing or a mistyped one is told apart. It protects nothing: the scope is
 * applied anew to every page.
 */
export function pageToken(listing: string, last: bigint): string {
  const number = Buffer.alloc(NUMBER_BYTES);
  number.writeBigUInt64BE(last);
  return Buffer.concat([number, check(listing, number)]).toString('base64url');
}

/** The row number in a token; undefined when this listing never gave such a token. */
export function readPageToken(listing: string, token: string): bigint | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== NUMBER_BYTES + CHECK_BYTES || bytes.toString('base64url') !== token) return undefined;
  const number = bytes.subarray(0, NUMBER_BYTES);
  return check(listing, number).equals(bytes.subarray(NUMBER_BYTES)) ? number.readBigUInt64BE() : undefined;
}

function check(listing: string, number: Buffer): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(`${listing}\n`), number]), 'buffer').subarray(0, CHECK_BYTES);
}
