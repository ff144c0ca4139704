import type { CarriedAnswer } from '#gen/rangkiang/mesh/v1/trunk.ts';
import type { Channel } from '../client.ts';
import { MeshError, type Reason } from '../errors.ts';
import { FairQueue } from './fair-queue.ts';
import { Line, type Pending } from './line.ts';

/** What a caller gives with a call. */
export interface CarryOptions {
  /** Bytes of a mesh.v1.Grant; empty when the caller is not a broker. */
  readonly grant: Uint8Array;
  readonly traceparent: string;
  /** When the caller stops waiting, milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Whose queue the call waits in when too many are on their way, e.g. the OPD. */
  readonly queue: string;
}

/** A call under way. */
export interface Carried {
  /** Rejects with MeshError DEADLINE_EXCEEDED, CANCELLED or SERVICE_UNAVAILABLE. */
  readonly answer: Promise<CarriedAnswer>;
  /** Whether the call may have reached the callee: if `answer` then rejects, its outcome is unknown. */
  wasSent(): boolean;
  /** The caller gave up. */
  cancel(): void;
}

/** How often deadlines are looked at: one timer for all calls instead of one each. */
const DEADLINE_CHECK_MS = 25;
/** How long calls wait for a line that is being opened before they fail. */
const OPEN_GRACE_MS = 1_000;
/** So many go at once, in the middle of a turn: the callee works on them while the caller reads the rest of a burst. */
const FLUSH_AT = 64;
const REOPEN_MS = 100;

/**
 * Many unary calls to one process over one stream (a line). Calls of one event-loop turn share one message. When a line
 * breaks, its calls fail at once and nothing is sent twice; the next line is opened by itself, and before the old one
 * is left when the callee says that it goes away.
 */
export class Trunk {
  readonly #channel: Channel;
  readonly #queue = new FairQueue<Pending>();
  readonly #lines = new Set<Line>();
  #current: Line | undefined;
  #downSinceMs = Date.now();
  #scheduled = false;
  #closed = false;
  /** Runs as long as calls wait or are on their way: three idle trunks would wake a broker 120 times a second. */
  #deadlines: NodeJS.Timeout | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#openLine();
  }

  /** Sends a call. `body` (at most 64 KiB, see limits.ts) is passed as it is. */
  call(method: string, body: Buffer, options: CarryOptions): Carried {
    const { promise, resolve, reject } = Promise.withResolvers<CarriedAnswer>();
    const { grant, traceparent, deadlineMs } = options;
    const pending: Pending = { method, body, grant, traceparent, deadlineMs, resolve, reject };
    if (this.#isDown()) {
      reject(new MeshError('SERVICE_UNAVAILABLE'));
    } else {
      this.#queue.push(options.queue, pending);
      this.#schedule();
      this.#watchDeadlines();
    }
    return {
      answer: promise,
      wasSent: () => pending.sent !== undefined,
      cancel: () => this.#giveUp(pending, 'CANCELLED'),
    };
  }

  #isDown(): boolean {
    return this.#closed || (!this.#current && Date.now() - this.#downSinceMs > OPEN_GRACE_MS);
  }

  #schedule(): void {
    if (this.#queue.size >= FLUSH_AT) this.#current?.flush(this.#queue);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#current?.flush(this.#queue);
    });
  }

  #giveUp(pending: Pending, reason: Reason): void {
    // grpc-js tells of a cancellation at the end of every call, answered ones too.
    if (pending.over) return;
    pending.over = true;
    pending.sent?.line.cancel(pending.sent.id);
    if (pending.sent) this.#schedule();
    pending.reject(new MeshError(reason));
  }

  #watchDeadlines(): void {
    this.#deadlines ??= setTimeout(() => {
      this.#deadlines = undefined;
      this.#expire();
      if (this.#queue.size > 0 || [...this.#lines].some((line) => line.isBusy)) this.#watchDeadlines();
    }, DEADLINE_CHECK_MS).unref();
  }

  #expire(): void {
    const now = Date.now();
    for (const line of this.#lines) {
      for (const pending of line.expired(now)) this.#giveUp(pending, 'DEADLINE_EXCEEDED');
    }
    if (this.#isDown()) for (const pending of this.#queue.drain()) pending.reject(new MeshError('SERVICE_UNAVAILABLE'));
  }

  #openLine(): void {
    if (this.#closed) return;
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      if (this.#current === line) {
        this.#current = undefined;
        this.#downSinceMs = Date.now();
      }
      line.halfClose();
      this.#openLine();
    };
    const line: Line = new Line(this.#channel, {
      opened: () => {
        this.#current = line;
        this.#schedule();
      },
      answered: () => {
        if (this.#queue.size > 0) this.#schedule();
      },
      leave,
      ended: () => {
        this.#lines.delete(line);
        if (this.#current === line) {
          this.#current = undefined;
          this.#downSinceMs = Date.now();
        }
        if (!left) setTimeout(() => this.#openLine(), REOPEN_MS).unref();
      },
    });
    this.#lines.add(line);
  }

  /** Ends the trunk; calls on their way fail. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#deadlines);
    for (const pending of this.#queue.drain()) pending.reject(new MeshError('SERVICE_UNAVAILABLE'));
    for (const line of this.#lines) line.close();
  }
}
