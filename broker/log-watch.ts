import type { FollowHeadRequest, FollowHeadResponse } from '#gen/rangkiang/audit/v1/proof.ts';
import { MeshError } from '#mesh/errors.ts';
import type { Logger } from '#mesh/log.ts';
import type { Memory } from '#mesh/memory-file.ts';
import type { Appender } from '#mesh/record.ts';
import { type Head, openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { EMPTY_ROOT } from '#mesh/tlog/hash.ts';
import { NoteInvalid, type Verifier } from '#mesh/tlog/note.ts';
import { verifyConsistency } from '#mesh/tlog/proof.ts';
import type { Timer } from './clock.ts';

/** What a watch works with. */
export interface LogWatchParts {
  /** Asks the audit service how the log goes on. */
  readonly follow: (request: FollowHeadRequest) => Promise<FollowHeadResponse>;
  /** The public half of the log's key. */
  readonly verifier: Verifier;
  /** Where the newest head survives a restart. Saving must not hold up calls: a sync of the disk takes 5 ms and more. */
  readonly memory: Pick<Memory, 'load'> & { save(text: string): void | Promise<void> };
  readonly timer: Timer;
  /** Told when the log is found broken. */
  readonly onBroken: () => void;
  readonly log: Pick<Logger, 'error'>;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Remembers the newest head of the audit log, and looks every second whether the log goes on from there. When it went back
 * or forked, what this broker would record is worth nothing: from then on it lets nothing through, also after a restart.
 */
export class LogWatch {
  readonly #parts: LogWatchParts;
  #known: Head = { size: 0n, root: EMPTY_ROOT };
  /** The newest checkpoint that came with an acknowledgement. */
  #told = '';
  #isBroken = false;
  #cancelTimer: () => void = () => {};
  #isStopped = false;

  constructor(parts: LogWatchParts) {
    this.#parts = parts;
    const kept = parts.memory.load();
    if (kept !== '') this.#known = openCheckpoint(kept, parts.verifier);
  }

  /** Whether the log was found to have gone back or forked. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** An acknowledgement carried this checkpoint. */
  told(checkpoint: string): void {
    this.#told = checkpoint;
  }

  /** Looks now and every second. */
  start(): void {
    void this.look().then(() => {
      if (!this.#isStopped) this.#cancelTimer = this.#parts.timer(LOOK_EVERY_MS, () => this.start());
    });
  }

  /** Looks no more. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
  }

  /** Looks once whether the log goes on. An audit service that does not answer is no fault of the log. */
  async look(): Promise<void> {
    const { follow, verifier, memory } = this.#parts;
    const told = this.#told;
    try {
      const held = told === '' ? undefined : openCheckpoint(told, verifier);
      const newer = held && held.size > this.#known.size ? held : undefined;
      const { checkpoint, proof } = await follow({ knownSize: this.#known.size, size: newer?.size ?? 0n });
      if (checkpoint === '' && this.#known.size === 0n) return;
      const note = newer ? told : checkpoint;
      const head = newer ?? openCheckpoint(note, verifier);
      if (head.size < this.#known.size) return this.#break('LOG_WENT_BACK', head);
      if (!verifyConsistency(this.#known, head, proof)) return this.#break('LOG_FORKED', head);
      if (head.size > this.#known.size) await memory.save(note);
      this.#known = head;
    } catch (error) {
      if (error instanceof NoteInvalid) this.#break('LOG_NOT_SIGNED');
      else if (!(error instanceof MeshError)) throw error;
    }
  }

  /** The same appender, which takes nothing once the log is broken. */
  guard(audit: Appender): Appender {
    return {
      append: (entry, timeoutMs) =>
        this.#isBroken ? Promise.reject(new MeshError('AUDIT_UNAVAILABLE')) : audit.append(entry, timeoutMs),
    };
  }

  #break(alarm: string, head?: Head): void {
    const isNews = !this.#isBroken;
    this.#isBroken = true;
    if (isNews) {
      const sizes = { known: String(this.#known.size), found: String(head?.size ?? '') };
      this.#parts.log.error({ alarm, ...sizes }, 'the audit log is not the one that was seen; nothing is let through');
      this.#parts.onBroken();
    }
  }
}
