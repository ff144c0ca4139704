import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#mesh/log.ts';
import { openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { cosignedAtMs, openNote, type Verifier } from '#mesh/tlog/note.ts';
import type { ProvenLog } from './proven-log.ts';

/** What a witness says: its cosignature, or the size of the head that it knows. */
export type WitnessReply = { readonly cosignature: string } | { readonly size: bigint };

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

/** Has the newest signed head cosigned by the witness, publishes it, and knows for how long nobody has watched. */
export class Publisher {
  readonly #parts: PublisherParts;
  #published = '';
  #signed = '';
  /** Size of the head that the witness cosigned last. */
  #witnessed = 0n;
  #cosignedMs: number;
  #isWarned = false;
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

  /** Whether the witness has signed lately enough for the log to take more. */
  get isOpen(): boolean {
    return this.#parts.nowMs() - this.#cosignedMs < this.#parts.limitMs;
  }

  /** Resolves when the log may take more. */
  async opened(): Promise<void> {
    while (!this.isOpen) await this.#opened.promise;
  }

  /** Publishes every second until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.publishOnce().catch((err: unknown) => this.#warn(err));
      this.#parts.measureAge(this.#parts.nowMs() - this.#cosignedMs);
      await delay(EVERY_MS, undefined, { signal }).catch(() => {});
    }
    this.#opened.resolve();
  }

  /** Publishes the newest signed head, unless it is published already. Rejects when the witness does not cosign it. */
  async publishOnce(): Promise<void> {
    const { heads, nowMs } = this.#parts;
    const { checkpoint } = heads;
    const isFresh = checkpoint === this.#signed && nowMs() - this.#cosignedMs < AGAIN_MS;
    if (checkpoint === '' || isFresh) return;
    let reply = await this.#offer(this.#witnessed);
    // It knows another head than we thought, for example after a restart or by another replica.
    if ('size' in reply) reply = await this.#offer(reply.size);
    if ('size' in reply) throw new Error(`the witness holds another log of ${reply.size} entries`);
  }

  async #offer(known: bigint): Promise<WitnessReply> {
    const { heads, tree, witness, save } = this.#parts;
    const { head, checkpoint } = heads;
    if (known > head.size) {
      this.#parts.log.error({ alarm: 'WITNESS_AHEAD', known: String(known), size: String(head.size) });
      throw new Error('the witness has seen more of the log than this database holds');
    }
    const proof = await tree(head.size).consistencyProof(known);
    const reply = await witness(known, proof, checkpoint);
    if ('cosignature' in reply) {
      const published = checkpoint + reply.cosignature;
      this.#take(published);
      this.#signed = checkpoint;
      await save(published);
      this.#opened.resolve();
      this.#opened = Promise.withResolvers();
      if (this.#isWarned) this.#parts.log.info('the witness cosigns again');
      this.#isWarned = false;
    }
    return reply;
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
