import { createSecretKey, type KeyObject } from 'node:crypto';
import { quickRandomBytes } from '#mesh/random.ts';
import type { MasterKeys, WrappedKey } from './master-keys.ts';

/** A key to seal with. */
export interface SealingKey extends WrappedKey {
  readonly key: KeyObject;
  /** The key store holds it. Until then it travels with everything that is sealed under it. */
  stored: boolean;
}

// 50,000 keys take 40 MB. The residents of a day's calls fit in.
const USUAL_CAPACITY = 50_000;

/**
 * The keys that this process seals with. It never reads one: for an owner that it does not know it makes another, which is
 * stored with the entry. So an append waits for nothing, and replicas need not agree.
 */
export class KeyRing {
  readonly #masters: MasterKeys;
  readonly #capacity: number;
  // Two generations, the older dropped whole: a Map that loses its first entry for each new one is searched for its first through
  // all that it lost, 35 us at this size.
  #young = new Map<string, SealingKey>();
  #old = new Map<string, SealingKey>();
  #destructions: bigint;

  /** `destructions`: how many the key store counted when this ring was empty. */
  constructor(masters: MasterKeys, destructions: bigint, capacity = USUAL_CAPACITY) {
    this.#masters = masters;
    this.#destructions = destructions;
    this.#capacity = capacity;
  }

  /** How many destructions of keys are known here. */
  get destructions(): bigint {
    return this.#destructions;
  }

  /** A key of this owner: 0.1 us, or 10 us for a new one. */
  keyOf(ownerTag: Buffer): SealingKey {
    const name = ownerTag.toString('latin1');
    const known = this.#young.get(name);
    if (known) return known;
    const key = this.#old.get(name) ?? this.#make(ownerTag);
    if (this.#young.size >= this.#capacity / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, key);
    return key;
  }

  #make(ownerTag: Buffer): SealingKey {
    const secret = quickRandomBytes(32);
    // 63 bits: Postgres' bigint has a sign.
    const keyId = quickRandomBytes(8).readBigUInt64BE() >> 1n;
    const made = { ...this.#masters.wrap(keyId, ownerTag, secret), key: createSecretKey(secret), stored: false };
    secret.fill(0);
    return made;
  }

  /** Never seals with these again. `destructions`: how many the key store counts with them. */
  forget(keyIds: ReadonlySet<bigint>, destructions: bigint): void {
    for (const keys of [this.#young, this.#old]) {
      for (const [name, { keyId }] of keys) if (keyIds.has(keyId)) keys.delete(name);
    }
    this.#destructions = destructions;
  }
}
