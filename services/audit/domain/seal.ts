import { createCipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { quickRandomBytes } from '#mesh/random.ts';
import type { CheckedEntry } from './check-entry.ts';

const SUBJECT_TAG_BYTES = 16;
const NONCE_BYTES = 12;
const NOTHING = Buffer.alloc(0);

function derive(sealKey: Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', sealKey, NOTHING, `rangkiang audit ${purpose}`, bytes));
}

// As bytes, a key would cost 10 us more at each use.
function deriveKey(sealKey: Buffer, purpose: string): KeyObject {
  return createSecretKey(derive(sealKey, purpose, 32));
}

/**
 * Seals what is personal in an entry, and makes the tags by which a resident's entries are found again.
 *
 * sealed = nonce (12 random bytes) || AES-256-GCM(entry key n, nonce, aad = leaf hash, Entry without its leaf) || tag (16).
 * n is the first byte of the leaf hash: one key is safe for 2^32 random nonces, 256 keys are for 2^40 entries. The leaf
 * hash ties it to its entry: a sealed part that is moved to another one does not open.
 */
export class Sealer {
  /** Tells seal keys apart; stored beside what was sealed. */
  readonly keyId: number;
  readonly #entryKeys: readonly KeyObject[];
  readonly #tagKey: KeyObject;

  /** `sealKey` has 32 bytes. Whoever holds it can open everything that is sealed under its id. */
  constructor(sealKey: Buffer) {
    this.keyId = derive(sealKey, 'key id', 4).readInt32BE();
    this.#entryKeys = Array.from({ length: 256 }, (_, n) => deriveKey(sealKey, `entry ${n}`));
    this.#tagKey = deriveKey(sealKey, 'subject tag');
  }

  /** The sealed part of an entry; null when there is nothing to seal. 6 us. */
  seal({ entry, leafHash }: CheckedEntry): Buffer | null {
    if (entry.subjects.length === 0 && entry.context.length === 0) return null;
    const nonce = quickRandomBytes(NONCE_BYTES);
    const key = this.#entryKeys[leafHash.readUInt8()] as KeyObject;
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(leafHash);
    const sealed = cipher.update(Entry.encode({ ...entry, leaf: NOTHING }).finish());
    cipher.final();
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
  }

  /** The tag of a resident, 16 bytes: the same for the same NIK, and no NIK can be tried against it without the key. */
  subjectTag(nik: string): Buffer {
    return createHmac('sha256', this.#tagKey).update(nik).digest().subarray(0, SUBJECT_TAG_BYTES);
  }
}
