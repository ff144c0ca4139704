import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#mesh/log.ts';
import { openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { cosignedAtMs, openNote, type Verifier } from '#mesh/tlog/note.ts';
import { LogBroken } from './head-keeper.ts';
import type { ProvenLog } from './proven-log.ts';

/** What a witness says: its cosignature, the size of the head that it knows, or that the log does not go on from there. */
export type WitnessReply =
  | { readonly cosignature: string }
  | { readonly size: bigint }
  | { readonly isInconsistent: true };

/** What a publisher works with. */
export interface PublisherParts extends ProvenLog {
  /** Offers a checkpoint to the witness. */
  witness(oldSize: bigint, proof: readonly Buffer[], checkpoint: string): Promise<WitnessReply>;
  readonly keys: { readonly log: Verifier; readonly witness: Verifier };
  /** Keeps what is published; returns once it is on disk. */
  save(published: string): Promise<void>;
  /** Without a cosignature for longer, nothing is accepted any more. */
  readonly limitMs: number;
  readonly nowMs: () => number;
  /** Told how long the last cosignature is ago. */
  readonly measureAge: (ageMs: number) => void;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

const EVERY_MS = 1_000;
// A log that does not grow is cosigned too: each cosignature tells the time.
const AGAIN_MS = 30_000;
const WARN_AT = 1 / 5;

/** How this database's log can differ from what the witness has cosigned. */
const contradictions = {
  WITNESS_AHEAD: 'the witness has seen more of the log than this database holds, which is an older copy',
  WITNESS_FORKED: 'the witness has seen another log than this database holds, which is an older copy or was changed',
} as const;
const WHAT_TO_DO =
  'nothing is accepted; put back the newest copy of the database and of what the signer remembers, or call the security ' +
  'team; delete nothing (docs/security-guide.md, "When an older copy was put back")';

/** Has the newest signed head cosigned by the witness, publishes it, and knows for how long nobody has watched. */
export class Publisher {
  readonly #parts: PublisherParts;
  #published = '';
  #signed = '';
  /** Size of the head that the witness cosigned last. */
  #witnessed = 0n;
  #cosignedMs: number;
  #isWarned = false;
  /** The witness holds another log than this database. */
  #isContradicted = false;
  #isStopped = false;
  #opened = Promise.withResolvers<void>();

  /** `published` is what was published last, empty for nothing: then the time counts from now. */
  constructor(parts: PublisherParts, published: string) {
    this.#parts = parts;
    this.#cosignedMs = parts.nowMs();
    if (published !== '') this.#take(published);
  }

  /** The newest checkpoint with the cosignature of the witness; empty before the first. */
  get checkpoint(): string {
    return this.#published;
  }

  /** Whether the witness has signed lately enough for the log to take more, and does not hold another log. */
  get isOpen(): boolean {
    return !this.#isContradicted && this.#parts.nowMs() - this.#cosignedMs < this.#parts.limitMs;
  }

  /** Resolves when the log may take more, and when publishing was stopped. */
  async opened(): Promise<void> {
    while (!this.isOpen && !this.#isStopped) await this.#opened.promise;
  }

  /** Publishes every second until the signal is aborted. Rejects with LogBroken; whatever else fails is tried again. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.tryOnce();
      this.#parts.measureAge(this.#parts.nowMs() - this.#cosignedMs);
      await delay(EVERY_MS, undefined, { signal }).catch(() => {});
    }
    this.#isStopped = true;
    this.#opened.resolve();
  }

  /** Publishes as publishOnce, and takes no harm when the witness is away. Rejects with LogBroken. */
  async tryOnce(): Promise<void> {
    try {
      await this.publishOnce();
    } catch (err) {
      if (err instanceof LogBroken) throw err;
      this.#warn(err);
    }
  }

  /** Publishes the newest signed head, unless it is published already. Rejects when the witness does not cosign it. */
  async publishOnce(): Promise<void> {
    const { heads, nowMs } = this.#parts;
    const { checkpoint } = heads;
    const isFresh = checkpoint === this.#signed && nowMs() - this.#cosignedMs < AGAIN_MS;
    if (checkpoint === '' || isFresh) return;
    let known = this.#witnessed;
    let reply = await this.#offer(known);
    // It knows another head than we thought, for example after a restart or by another replica.
    if ('size' in reply) {
      known = reply.size;
      reply = await this.#offer(known);
    }
    if ('cosignature' in reply) return;
    // Offered with the very size that it holds: it holds another root.
    if ('isInconsistent' in reply || reply.size === known) throw this.#contradict('WITNESS_FORKED', known);
    throw new Error('the witness has got further meanwhile');
  }

  async #offer(known: bigint): Promise<WitnessReply> {
    const { heads, tree, witness, save } = this.#parts;
    // Another replica may have had more signed. What the witness cosigned was signed before, so the signer knows it, unless
    // its memory is an older copy, too.
    if (known > heads.head.size) await heads.adopt();
    const { head, checkpoint } = heads;
    if (known > head.size) throw this.#contradict('WITNESS_AHEAD', known);
    const proof = await tree(head.size).consistencyProof(known);
    const reply = await witness(known, proof, checkpoint);
    if ('cosignature' in reply) {
      const published = checkpoint + reply.cosignature;
      this.#take(published);
      this.#signed = checkpoint;
      await save(published);
      if (this.#isWarned || this.#isContradicted) this.#parts.log.info('the witness cosigns again');
      this.#isWarned = false;
      this.#isContradicted = false;
      this.#opened.resolve();
      this.#opened = Promise.withResolvers();
    }
    return reply;
  }

  /**
   * Closes the log at once: a record that was appended now would be lost with this database. The size in a witness's refusal
   * is not signed, but whoever can forge it can silence the witness as well.
   */
  #contradict(alarm: keyof typeof contradictions, known: bigint): Error {
    const what = contradictions[alarm];
    const sizes = { known: String(known), size: String(this.#parts.heads.head.size) };
    if (!this.#isContradicted) this.#parts.log.error({ alarm, ...sizes }, `${what}: ${WHAT_TO_DO}`);
    this.#isContradicted = true;
    return new Error(what);
  }

  /** Throws NoteInvalid unless log and witness have signed it. */
  #take(published: string): void {
    const { log, witness } = this.#parts.keys;
    this.#witnessed = openCheckpoint(published, log).size;
    const { signedBy } = openNote(published, [log, witness]);
    if (!signedBy.includes(witness)) throw new Error('the witness has not signed what it sent');
    this.#published = published;
    this.#cosignedMs = cosignedAtMs(published, witness);
  }

  #warn(err: unknown): void {
    const { nowMs, limitMs, log } = this.#parts;
    const ageMs = nowMs() - this.#cosignedMs;
    if (this.#isWarned || ageMs < limitMs * WARN_AT) return;
    this.#isWarned = true;
    const minutes = Math.round((limitMs - ageMs) / 60_000);
    log.warn(
      { err, alarm: 'WITNESS_SILENT', minutes },
      'no cosignature; nothing will be accepted when these minutes are over',
    );
  }
}
