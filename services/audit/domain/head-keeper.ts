import { setTimeout as delay } from 'node:timers/promises';
import type { SignHeadRequest } from '#gen/rangkiang/audit/v1/signer.ts';
import { MeshError } from '#mesh/errors.ts';
import type { Logger } from '#mesh/log.ts';
import { type Head, openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { EMPTY_ROOT } from '#mesh/tlog/hash.ts';
import type { Verifier } from '#mesh/tlog/note.ts';
import type { Tree } from '#mesh/tlog/tree.ts';
import type { LogTail } from './log-tail.ts';

/** Whoever holds the log's key: our signer, or a machine made for it. */
export interface HeadSigner {
  /** The checkpoint signed last; empty before the first. */
  newest(): Promise<string>;
  /** As SignHead: the checkpoint asked for, or the one signed last. */
  sign(request: SignHeadRequest): Promise<string>;
}

/** This database does not hold what the log's key has signed: it is an older copy, or was changed. */
export class LogBroken extends Error {
  override readonly name = 'LogBroken';
  readonly alarm: 'LOG_WENT_BACK' | 'LOG_FORKED';

  /** `head` is the one that was signed; `size` is how much is here. */
  constructor(alarm: LogBroken['alarm'], head: Head, size: bigint) {
    super(
      `${alarm}: this database is an older copy of the log, or was changed. Expected is the one whose first ${head.size} ` +
        `entries have the signed root ${head.root.toString('base64')}; this one holds ${size} entries. Put back the newest ` +
        'copy of the audit database, or call the security team; delete nothing that signer, brokers or witness remember ' +
        '(docs/security-guide.md, "When an older copy was put back")',
    );
    this.alarm = alarm;
  }
}

/** What the keeper works with. */
export interface HeadParts {
  readonly signer: HeadSigner;
  /** The public half of the log's key. */
  readonly verifier: Verifier;
  readonly tail: Pick<LogTail, 'size' | 'beyond'>;
  /** How many entries are committed. */
  size(): Promise<bigint>;
  /** The tree of so many entries, all committed. */
  tree(size: bigint): Tree;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

// A head costs the signer alone 2.6 ms of CPU, two syncs of its disk included: 5 % of a core when it signed every 50 ms. Signed
// once for all that came meanwhile, heads cost the same under any load.
const SIGN_EVERY_MS = 200;
const RETRY_MS = 500;
const IDLE_MS = 60_000;

/** Has the heads of the log signed, soon after they are committed, one after the other. */
export class HeadKeeper {
  readonly #parts: HeadParts;
  #checkpoint = '';
  #head: Head = { size: 0n, root: EMPTY_ROOT };

  constructor(parts: HeadParts) {
    this.#parts = parts;
  }

  /** The newest signed checkpoint; empty before the first. */
  get checkpoint(): string {
    return this.#checkpoint;
  }

  /** The head in it. */
  get head(): Head {
    return this.#head;
  }

  /** Takes over what was signed last. Throws LogBroken when this database does not hold it. */
  async adopt(): Promise<void> {
    await this.#hold(await this.#parts.signer.newest());
  }

  /** Keeps signing until the signal is aborted. Rejects with LogBroken; whatever else fails is tried again. */
  async run(signal: AbortSignal): Promise<void> {
    let isFailing = false;
    while (!signal.aborted) {
      await this.#parts.tail.beyond(this.#head.size, IDLE_MS, signal);
      if (this.#parts.tail.size <= this.#head.size) continue;
      try {
        await this.signOnce();
        if (isFailing) this.#parts.log.info('heads are signed again');
        isFailing = false;
      } catch (err) {
        if (err instanceof LogBroken) throw err;
        if (!isFailing) this.#parts.log.error({ err }, 'the head of the log cannot be signed');
        isFailing = true;
      }
      await delay(isFailing ? RETRY_MS : SIGN_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Has the newest head signed. */
  async signOnce(): Promise<void> {
    const { signer, size, tree } = this.#parts;
    const newest = tree(await size());
    const signedSize = this.#head.size;
    if (newest.size < signedSize) throw new LogBroken('LOG_WENT_BACK', this.#head, newest.size);
    const head = { size: newest.size, root: await newest.root() };
    const request = { ...head, signedSize, consistency: await newest.consistencyProof(signedSize) };
    const checkpoint = await signer.sign(request).catch((error: unknown) => {
      const isRefused = error instanceof MeshError && error.reason === 'HEAD_REFUSED';
      throw isRefused ? new LogBroken('LOG_FORKED', this.#head, head.size) : error;
    });
    await this.#hold(checkpoint, head);
  }

  /** Takes a checkpoint as the newest; `own` is a head that needs no look into the database. */
  async #hold(checkpoint: string, own?: Head): Promise<void> {
    if (checkpoint === '') return;
    const head = openCheckpoint(checkpoint, this.#parts.verifier);
    const isOwn = own?.size === head.size && own.root.equals(head.root);
    if (!isOwn) {
      // Another replica was faster, or this database is not the one that was signed.
      const before = this.#checkpoint;
      const size = await this.#parts.size();
      if (head.size > size) throw new LogBroken('LOG_WENT_BACK', head, size);
      if (!(await this.#parts.tree(head.size).root()).equals(head.root)) throw new LogBroken('LOG_FORKED', head, size);
      // A newer one was taken meanwhile.
      if (this.#checkpoint !== before && this.#head.size > head.size) return;
    }
    this.#checkpoint = checkpoint;
    this.#head = head;
  }
}
