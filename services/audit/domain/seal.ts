import { createHmac, type KeyObject } from 'node:crypto';
import { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Context, type Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { open, seal } from './aes-gcm.ts';
import type { CheckedEntry } from './check-entry.ts';
import type { KeyRing, SealingKey } from './key-ring.ts';

/** Length of an owner's tag in bytes. */
export const TAG_BYTES = 16;
const NOTHING = Buffer.alloc(0);
const NIK_OR_KK = /^\d{16}$/;

/** What of an entry is sealed under one owner's key. */
export interface SealedPart {
  readonly key: SealingKey;
  readonly sealed: Buffer;
}

/** What lies in one sealed part: an Entry without its leaf. */
export type OpenedPart = Pick<Entry, 'subjects' | 'context' | 'contextSalt'>;

/** Opens a sealed part. Throws when it belongs to another leaf or key. */
export function openPart(key: KeyObject, leafHash: Buffer, sealed: Buffer): OpenedPart {
  return Entry.decode(open(key, leafHash, sealed));
}

/**
 * Seals what is personal in an entry, each part under a key of the one whom it is about.
 *
 * A resident's part holds their salt and NIK. The context (operator, case number, search terms) lies in the same part when the
 * entry is about one person only, found or sought, so that nothing of it outlives their erasure; that is every usual entry,
 * and costs one encryption. Otherwise it is nobody's alone, and is sealed under a key of its purpose and month.
 */
export class Sealer {
  readonly #ring: KeyRing;
  readonly #tagKey: KeyObject;

  /** `tagKey` makes owners' tags; see openKeyStore. */
  constructor(ring: KeyRing, tagKey: KeyObject) {
    this.#ring = ring;
    this.#tagKey = tagKey;
  }

  /** The sealed parts of an entry; none when there is nothing to seal. 9 us for a usual entry. */
  seal(checked: CheckedEntry): readonly SealedPart[] {
    const { entry, leafHash } = checked;
    const parts = new Map<string, OpenedPart>();
    for (const subject of entry.subjects) {
      const subjects = parts.get(subject.nik)?.subjects ?? [];
      parts.set(subject.nik, { subjects: [...subjects, subject], context: NOTHING, contextSalt: NOTHING });
    }
    if (entry.context.length > 0) {
      const { context, contextSalt } = entry;
      const owner = contextOwner(checked.leaf, context, [...parts.keys()]);
      parts.set(owner, { subjects: parts.get(owner)?.subjects ?? [], context, contextSalt });
    }
    return [...parts].map(([owner, part]) => {
      const key = this.#ring.keyOf(this.tag(owner));
      return { key, sealed: seal(key.key, leafHash, Entry.encode({ leaf: NOTHING, ...part }).finish()) };
    });
  }

  /**
   * The tag of an owner: the same for the same NIK (or KK number), and none can be tried against it without the key. 2 us.
   */
  tag(owner: string): Buffer {
    return createHmac('sha256', this.#tagKey).update(owner).digest().subarray(0, TAG_BYTES);
  }
}

/** Under whose key a context lies; `niks`: whom the entry concerns, each once. */
function contextOwner(leaf: Leaf, context: Buffer, niks: readonly string[]): string {
  if (niks.length === 1) return niks[0] as string;
  const { searchTerms } = niks.length === 0 ? Context.decode(context) : { searchTerms: '' };
  return NIK_OR_KK.test(searchTerms) ? searchTerms : periodOwner(leaf.purpose, new Date(Number(leaf.timeUs / 1_000n)));
}

/** Whose an opened part is, by what lies in it and the entry's leaf. */
export function partOwner(leaf: Leaf, { subjects, context }: OpenedPart): string {
  // A context that lies by itself belongs to an entry about nobody or about several.
  return subjects[0]?.nik ?? contextOwner(leaf, context, leaf.subjectCount === 0 ? [] : ['', '']);
}

/** The owner of what is nobody's alone: a purpose in a month of UTC. */
export function periodOwner(purpose: number, time: Date): string {
  return `purpose ${purpose} in ${time.toISOString().slice(0, 7)}`;
}
