import { MeshError } from '#mesh/errors.ts';
import type { Memory } from '#mesh/memory-file.ts';
import { type Head, openCheckpoint, signCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { EMPTY_ROOT } from '#mesh/tlog/hash.ts';
import { type Signer, verifierOf } from '#mesh/tlog/note.ts';
import { verifyConsistency } from '#mesh/tlog/proof.ts';

/** A head to sign. */
export interface Wanted extends Head {
  /** Size of the head signed last, as the asker knows it. */
  readonly signedSize: bigint;
  readonly consistency: readonly Buffer[];
}

/** One history of heads, each the beginning of the next: what was signed is on disk before anybody sees it. */
export class SignedHistory {
  readonly #signer: Signer;
  readonly #memory: Memory;
  #checkpoint: string;
  #head: Head;

  /** Throws when the memory holds anything but a checkpoint that this key signed. */
  constructor(signer: Signer, memory: Memory) {
    this.#signer = signer;
    this.#memory = memory;
    this.#checkpoint = memory.load();
    this.#head =
      this.#checkpoint === ''
        ? { size: 0n, root: EMPTY_ROOT }
        : openCheckpoint(this.#checkpoint, verifierOf(signer.verifierKey));
  }

  /** What was signed last; empty before the first. */
  get newest(): string {
    return this.#checkpoint;
  }

  /**
   * Signs a head that goes on from the one signed last. When the asker knows another one, signs nothing and answers the
   * one signed last. Throws HEAD_REFUSED.
   */
  sign({ size, root, signedSize, consistency }: Wanted): string {
    if (this.#checkpoint !== '' && signedSize !== this.#head.size) return this.#checkpoint;
    if (!verifyConsistency(this.#head, { size, root }, consistency)) throw new MeshError('HEAD_REFUSED');
    if (this.#checkpoint !== '' && size === this.#head.size) return this.#checkpoint;
    const checkpoint = signCheckpoint({ size, root }, this.#signer);
    this.#memory.save(checkpoint);
    this.#checkpoint = checkpoint;
    this.#head = { size, root };
    return checkpoint;
  }
}
