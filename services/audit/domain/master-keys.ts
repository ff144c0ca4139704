import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { open, seal } from './aes-gcm.ts';

const NOTHING = Buffer.alloc(0);

/** A key as the key store holds it. */
export interface WrappedKey {
  /** Its name, random: it tells nothing of its owner once the key is gone. */
  readonly keyId: bigint;
  /** Whose data it seals, 16 bytes; see Sealer. */
  readonly ownerTag: Buffer;
  /** Id of the master key that wraps it. */
  readonly master: number;
  readonly wrapped: Buffer;
}

function derive(secret: Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, NOTHING, `rangkiang audit ${purpose}`, bytes));
}

function placeOf({ keyId, ownerTag }: Pick<WrappedKey, 'keyId' | 'ownerTag'>): Buffer {
  const place = Buffer.alloc(8 + ownerTag.length);
  place.writeBigInt64BE(keyId);
  ownerTag.copy(place, 8);
  return place;
}

/** The keys that wrap all others. They stand in a file and never in the database. */
export class MasterKeys {
  /** Id of the master key that wraps from now on. */
  readonly current: number;
  readonly #keys: ReadonlyMap<number, KeyObject>;

  /** Secrets of 32 bytes, the newest first; the others only open what they wrapped, until it is wrapped anew. */
  constructor(secrets: readonly [Buffer, ...Buffer[]]) {
    const idOf = (secret: Buffer) => derive(secret, 'master id', 4).readInt32BE();
    this.current = idOf(secrets[0]);
    this.#keys = new Map(secrets.map((secret) => [idOf(secret), createSecretKey(derive(secret, 'wrap', 32))]));
  }

  /** Wraps a key of 32 bytes under the newest master key. */
  wrap(keyId: bigint, ownerTag: Buffer, key: Buffer): WrappedKey {
    const master = this.current;
    return { keyId, ownerTag, master, wrapped: seal(this.#masterKey(master), placeOf({ keyId, ownerTag }), key) };
  }

  /** The key's 32 bytes. Throws when the master key is not among ours, or anything was changed. */
  unwrap(key: WrappedKey): Buffer {
    return open(this.#masterKey(key.master), placeOf(key), key.wrapped);
  }

  #masterKey(id: number): KeyObject {
    const key = this.#keys.get(id);
    if (!key) throw new Error(`RANGKIANG_SEAL_KEY lacks master key ${id}, under which keys of the log are wrapped`);
    return key;
  }
}
