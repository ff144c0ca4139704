import { hash } from 'node:crypto';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';

/** The bytes of a change, made once: these are chained, recorded and given to the brokers. */
export function changeBytes(change: NonNullable<PolicyChange['change']>): Buffer {
  return Buffer.from(PolicyChange.encode({ change }).finish());
}

/** What the record of a change says of its bytes: their SHA-256. */
export function changeDigest(change: Uint8Array): Buffer {
  return hash('sha256', change, 'buffer');
}

/** The policy's digest after a change: SHA-256(digest before || bytes). Before the first change it is 32 zero bytes. */
export function nextDigest(before: Uint8Array, change: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([before, change]), 'buffer');
}
