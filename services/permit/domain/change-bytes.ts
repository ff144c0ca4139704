import { hash } from 'node:crypto';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';

/** The bytes of a change, made once: these are chained, recorded and given to the brokers. */
export function changeBytes(change: NonNullable<PolicyChange['change']>): Buffer {
  return PolicyChange.encode({ change }).finish();
}

/** What the record of a change says of its bytes: their SHA-256. */
export function changeDigest(change: Uint8Array): Buffer {
  return hash('sha256', change, 'buffer');
}
