import type { Timer } from './clock.ts';
import type { MemoryFile, Remembered } from './memory-file.ts';

/** How long the audit log may have grown before that is written down: each record would be a write to the disk. */
const GROWTH_MS = 5_000;

/**
 * Remembers the newest that was seen. A new head of the policy is written at once, beside the path of calls and renewals: a
 * crash in the few milliseconds before it is on the disk forgets that head and no more.
 */
export class Memory {
  readonly #file: Pick<MemoryFile, 'save'>;
  readonly #timer: Timer;
  readonly #onFault: (error: unknown) => void;
  #remembered: Remembered;
  #saved: Remembered | undefined;
  #writing: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;

  /** `onFault` is told of a write that failed; the next change tries again. */
  constructor(
    file: Pick<MemoryFile, 'save'>,
    remembered: Remembered,
    { timer, onFault }: { timer: Timer; onFault: (error: unknown) => void },
  ) {
    this.#file = file;
    this.#remembered = remembered;
    this.#timer = timer;
    this.#onFault = onFault;
  }

  /** The newest of both logs. */
  get remembered(): Remembered {
    return this.#remembered;
  }

  /** The policy has this head. */
  seePolicy({ version, digest }: Pick<Remembered, 'version' | 'digest'>): void {
    if (version <= this.#remembered.version) return;
    this.#remembered = { ...this.#remembered, version, digest };
    this.#write();
  }

  /** The audit log has so many records. */
  seeAudit(auditSize: bigint): void {
    if (auditSize <= this.#remembered.auditSize) return;
    this.#remembered = { ...this.#remembered, auditSize };
    this.#cancelTimer ??= this.#timer(GROWTH_MS, () => this.#write());
  }

  /** Writes down what is not yet. */
  async close(): Promise<void> {
    this.#write();
    await this.#writing;
    this.#cancelTimer?.();
  }

  #write(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#writing ??= this.#drain();
  }

  /** One write at a time; what changes meanwhile is written after it. */
  async #drain(): Promise<void> {
    while (this.#saved !== this.#remembered) {
      const newest = this.#remembered;
      try {
        await this.#file.save(newest);
        this.#saved = newest;
      } catch (error) {
        this.#onFault(error);
        break;
      }
    }
    this.#writing = undefined;
  }
}
