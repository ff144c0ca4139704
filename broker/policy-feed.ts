import type { FollowPolicyResponse } from '#gen/rangkiang/audit/v1/policy_feed.ts';
import type { Timer } from './clock.ts';
import type { Holding } from './policy/holding.ts';

/** A stream of the audit service, as far as it is used. */
export interface FeedStream {
  on(event: 'data', listener: (response: FollowPolicyResponse) => void): unknown;
  on(event: 'error' | 'end', listener: (error?: unknown) => void): unknown;
  cancel(): void;
}

/** What a feed is driven by. */
export interface FeedParts {
  /** Opens FollowPolicy from an index on. */
  readonly open: (fromIndex: bigint) => FeedStream;
  readonly holding: Holding;
  /** How many records an earlier process has seen in the log. */
  readonly seenSize?: bigint;
  /** Told how many records the log has, at least every second. */
  readonly onSize?: (size: bigint) => void;
  /** Told once that the log has lost records that were seen. */
  readonly onWentBack?: () => void;
  /** Told after records were taken. */
  readonly onRecords: () => void;
  readonly monoMs: () => number;
  readonly timer: Timer;
}

const REOPEN_MS = 250;
/** The service says something every second. */
const SILENCE_MS = 3_000;
/** The record of what widens is committed before it enters the policy, and on its way here at once. */
const GRACE_MS = 100;

/** Follows the audit log's records of the policy for as long as the process runs, whatever breaks. */
export class PolicyFeed {
  readonly #parts: FeedParts;
  #stream: FeedStream | undefined;
  #cancelTimer: () => void = () => {};
  #nextIndex = 0n;
  #size = 0n;
  #heardMs = Number.NEGATIVE_INFINITY;
  #isStopped = false;
  #seenSize: bigint;
  #wentBack = false;
  #arrival = Promise.withResolvers<void>();
  readonly #caughtUp = Promise.withResolvers<void>();

  constructor(parts: FeedParts) {
    this.#parts = parts;
    this.#seenSize = parts.seenSize ?? 0n;
  }

  /** The log has lost records that were seen: for as long as this process runs, it is not believed any more. */
  get wentBack(): boolean {
    return this.#wentBack;
  }

  /** Resolves when the log was read to its end for the first time. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  /** Whether the log has been read to its end, and the service is heard of. */
  get isLive(): boolean {
    return !this.#wentBack && this.#nextIndex >= this.#size && this.#parts.monoMs() - this.#heardMs < SILENCE_MS;
  }

  /** Begins to follow. */
  start(): void {
    const { open } = this.#parts;
    const stream = open(this.#nextIndex);
    this.#stream = stream;
    stream.on('data', (response) => {
      if (stream === this.#stream) this.#take(response);
    });
    const lost = () => this.#lose(stream);
    stream.on('error', lost);
    stream.on('end', lost);
  }

  /** Waits a moment for the records of changes that count only with one; not at all when the audit service is away. */
  async grace(changes: readonly Buffer[]): Promise<void> {
    const { holding, monoMs, timer } = this.#parts;
    const untilMs = monoMs() + GRACE_MS;
    while (this.isLive && holding.lacksRecords(changes)) {
      const leftMs = untilMs - monoMs();
      if (leftMs <= 0) return;
      let cancel = () => {};
      const over = new Promise<void>((resolve) => {
        cancel = timer(leftMs, resolve);
      });
      await Promise.race([this.#arrival.promise, over]);
      cancel();
    }
  }

  /** Ends the stream. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
    this.#stream?.cancel();
  }

  #take({ records, nextIndex, size }: FollowPolicyResponse): void {
    const { holding, monoMs, onRecords, onSize, onWentBack } = this.#parts;
    if (this.#wentBack) return;
    if (size < this.#seenSize) {
      this.#wentBack = true;
      onWentBack?.();
      return;
    }
    this.#seenSize = size;
    this.#heardMs = monoMs();
    this.#nextIndex = nextIndex;
    this.#size = size;
    if (records.length > 0) {
      holding.record(records);
      this.#arrival.resolve();
      this.#arrival = Promise.withResolvers<void>();
      onRecords();
    }
    onSize?.(size);
    if (this.isLive) this.#caughtUp.resolve();
  }

  #lose(stream: FeedStream): void {
    if (stream !== this.#stream || this.#isStopped) return;
    this.#stream = undefined;
    this.#cancelTimer = this.#parts.timer(REOPEN_MS, () => this.start());
  }
}
