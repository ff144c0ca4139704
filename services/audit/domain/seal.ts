import { createCipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import type { CheckedEntry } from './check-entry.ts';

const SUBJECT_TAG_BYTES = 16;
const NOTHING = Buffer.alloc(0);

// Each entry is sealed under a key of its own (below) that never seals anything else, so the nonce says nothing.
const NONCE = Buffer.alloc(12);

function derive(sealKey: Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', sealKey, NOTHING, `rangkiang audit ${purpose}`, bytes));
}

/**
 * Seals what is personal in an entry, and makes the tags by which a resident's entries are found again.
 *
 * sealed = AES-256-GCM(key = HMAC-SHA-256(entry key, leaf hash), nonce = 0, aad = leaf hash, Entry without its leaf),
 * then the tag of 16 bytes. The leaf commits to exactly these bytes, so one leaf hash means one plaintext: no nonce can
 * meet two, as random ones would after 2^32 entries, and a sealed part that is moved to another entry does not open.
 */
export class Sealer {
  /** Tells keys apart; stored beside what was sealed. */
  readonly keyId: number;
  // Key objects: with the bytes of a key each call below costs 10 us more.
  readonly #entryKey: KeyObject;
  readonly #tagKey: KeyObject;

  /** `sealKey` has 32 bytes. Whoever holds it can open everything that is sealed under its id. */
  constructor(sealKey: Buffer) {
    this.keyId = derive(sealKey, 'key id', 4).readInt32BE();
    this.#entryKey = createSecretKey(derive(sealKey, 'entry', 32));
    this.#tagKey = createSecretKey(derive(sealKey, 'subject tag', 32));
  }

  /** The sealed part of an entry; null when there is nothing to seal. 9 us. */
  seal({ entry, leafHash }: CheckedEntry): Buffer | null {
    if (entry.subjects.length === 0 && entry.context.length === 0) return null;
    const key = createSecretKey(createHmac('sha256', this.#entryKey).update(leafHash).digest());
    const cipher = createCipheriv('aes-256-gcm', key, NONCE).setAAD(leafHash);
    const sealed = cipher.update(Entry.encode({ ...entry, leaf: NOTHING }).finish());
    cipher.final();
    return Buffer.concat([sealed, cipher.getAuthTag()]);
  }

  /** The tag of a resident, 16 bytes: the same for the same NIK, and no NIK can be tried against it without the key. */
  subjectTag(nik: string): Buffer {
    return createHmac('sha256', this.#tagKey).update(nik).digest().subarray(0, SUBJECT_TAG_BYTES);
  }
}
