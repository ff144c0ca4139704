import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { Acknowledgement, AppendRequest, AppendResponse, Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { type Channel, connect } from './client.ts';
import { MeshError } from './errors.ts';
import { eventIdOf, leafHash as hashOfLeaf } from './leaf.ts';
import { createLogger, type Logger } from './log.ts';
import type { Appender } from './record.ts';
import type { TlsFiles } from './tls.ts';
import { UnderWay } from './under-way.ts';

type Appended = Awaited<ReturnType<Appender['append']>>;
type Stream = ClientDuplexStream<AppendRequest, AppendResponse>;

interface Pending {
  readonly id: string;
  readonly entry: Entry;
  readonly bytes: number;
  /** The tick at which its caller waits no more. */
  readonly lastTick: number;
  readonly settled: PromiseWithResolvers<Appended>;
}

const USUAL_TIMEOUT_MS = 2_000;
// The states below are timed by ticks and not by the clock: between two ticks the event loop has read what had arrived, so
// that a pause of this process is not taken for silence of the other.
const TICK_MS = 100;
// A stream that does not answer its probe is given up; the connection under it goes on being made.
const PROBE_TICKS = 5;
// A stream that was asked for something and says nothing. Shorter than a usual caller waits.
const SILENT_TICKS = 15;
// After this long without a stream that answers, nobody is kept waiting any more.
const GIVE_UP_TICKS = 10;
// grpc-js receives at most 4 MiB.
const MESSAGE_MAX_BYTES = 1 << 20;
const MESSAGE_MAX_ENTRIES = 1_000;
// What is committed in a second at full speed (15,000 entries of 0.5 KiB). Were more taken, each would be acknowledged after
// its caller has given up: all work, no use. Refusing the rest at once keeps the others in time.
const PENDING_MAX_BYTES = 8 << 20;

function bytesOf({ leaf, subjects, context }: Entry): number {
  return 100 + leaf.length + context.length + subjects.length * 40;
}

function unavailable(cause: string): MeshError {
  return new MeshError('AUDIT_UNAVAILABLE', { cause: new Error(cause) });
}

/**
 * Appends records over one stream to the audit service. What is appended in one turn of the event loop travels together.
 * A broken stream is opened again within 100 ms, and what was not acknowledged is sent again: the log knows an entry by its
 * event id. A stream counts as working only after the service has answered on it.
 */
export class AppendClient implements Appender {
  readonly #channel: Channel;
  readonly #log: Logger;
  readonly #onCheckpoint: (checkpoint: string) => void;
  /** By event id, oldest first. */
  readonly #pending = new UnderWay<string, Pending>();
  #pendingBytes = 0;
  #unsent: Pending[] = [];
  #stream: Stream | undefined;
  /** The present stream has answered. */
  #answers = false;
  #isFull = false;
  #isFlushing = false;
  #isClosed = false;
  readonly #ticker: NodeJS.Timeout;
  #ticks = 0;
  /** Since the present stream was opened, or said something. */
  #silentTicks = 0;
  /** Since there was a stream that answers. */
  #brokenTicks = 0;

  /** Starts to connect. `writer` is the name of this process, for its log; `onCheckpoint` is told signed heads of the log. */
  constructor(options: {
    address: string;
    tls: TlsFiles;
    writer: string;
    log?: Logger;
    onCheckpoint?: (checkpoint: string) => void;
  }) {
    this.#channel = connect({ address: options.address, peer: 'audit', tls: options.tls });
    this.#log = options.log ?? createLogger(options.writer);
    this.#onCheckpoint = options.onCheckpoint ?? (() => {});
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#open();
  }

  /**
   * Resolves when the record is committed. Rejects with AUDIT_UNAVAILABLE when that is not known after `timeoutMs` (looked at
   * every 100 ms), and at once while the service has not answered for a second; the record may have been committed all the
   * same.
   */
  append(entry: Entry, timeoutMs: number = USUAL_TIMEOUT_MS): Promise<Appended> {
    let id: string;
    try {
      id = eventIdOf(entry.leaf).toString('latin1');
    } catch (cause) {
      return Promise.reject(new MeshError('AUDIT_UNAVAILABLE', { cause }));
    }
    const known = this.#pending.get(id);
    if (known?.entry.leaf.equals(entry.leaf)) return known.settled.promise;
    const bytes = bytesOf(entry);
    const obstacle =
      (known && 'another record with this event id is under way') ||
      (bytes > MESSAGE_MAX_BYTES && 'the record is too large') ||
      (this.#pendingBytes > PENDING_MAX_BYTES && 'too many records are under way') ||
      (this.#hasGivenUp() && 'the audit service does not answer') ||
      (this.#isClosed && 'this process is stopping');
    if (obstacle) return Promise.reject(unavailable(obstacle));

    const lastTick = this.#ticks + Math.ceil(timeoutMs / TICK_MS);
    const pending = { id, entry, bytes, lastTick, settled: Promise.withResolvers<Appended>() };
    this.#pending.set(id, pending);
    this.#pendingBytes += bytes;
    this.#unsent.push(pending);
    this.#flushSoon();
    return pending.settled.promise;
  }

  /** Waits for what was appended, at most its timeouts, then closes the stream. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#pending.values()].map(({ settled }) => settled.promise));
    const stream = this.#stream;
    this.#stream = undefined;
    clearInterval(this.#ticker);
    stream?.cancel();
    this.#channel.close();
  }

  #open(): void {
    const stream: Stream = this.#channel.duplex(AuditServiceService.append);
    this.#stream = stream;
    stream.on('data', (response: AppendResponse) => this.#receive(stream, response));
    stream.on('error', () => this.#lose(stream));
    stream.on('end', () => this.#lose(stream));
    stream.on('drain', () => {
      this.#isFull = false;
      this.#flush();
    });
    stream.write({ entries: [] });
    this.#silentTicks = 0;
  }

  #tick(): void {
    this.#ticks++;
    for (const { id, lastTick } of this.#pending.values()) {
      if (lastTick < this.#ticks) this.#settle(id)?.reject(unavailable('no acknowledgement in time'));
    }
    if (!this.#stream) this.#open();
    this.#silentTicks++;
    // Nothing is asked of it.
    if (this.#answers && this.#pending.size === 0) this.#silentTicks = 0;
    const mostTicks = this.#answers ? SILENT_TICKS : PROBE_TICKS;
    if (this.#silentTicks >= mostTicks && this.#stream) this.#lose(this.#stream);
    if (!this.#answers && ++this.#brokenTicks === GIVE_UP_TICKS) this.#giveUp();
  }

  #hasGivenUp(): boolean {
    return this.#brokenTicks >= GIVE_UP_TICKS;
  }

  #lose(stream: Stream): void {
    if (stream !== this.#stream) return;
    this.#stream = undefined;
    this.#answers = false;
    this.#isFull = false;
    stream.cancel();
  }

  #receive(stream: Stream, { acknowledgements, refusals, checkpoint }: AppendResponse): void {
    if (stream !== this.#stream) return;
    this.#silentTicks = 0;
    if (!this.#answers) this.#resume();
    if (checkpoint !== '') this.#onCheckpoint(checkpoint);
    for (const acknowledged of acknowledgements) this.#acknowledge(acknowledged);
    for (const { eventId, message } of refusals) {
      this.#log.error({ refusal: message }, 'the audit service refuses a record');
      this.#settle(eventId.toString('latin1'))?.reject(unavailable(`refused: ${message}`));
    }
  }

  /** Only the leaf that was sent counts as recorded: an index of another one under its id would prove nothing. */
  #acknowledge({ eventId, index, leafHash }: Acknowledgement): void {
    const id = eventId.toString('latin1');
    const leaf = this.#pending.get(id)?.entry.leaf;
    if (!leaf || leafHash.equals(hashOfLeaf(leaf))) {
      this.#settle(id)?.resolve({ index, leafHash });
    } else {
      this.#log.error({ alarm: 'ACKNOWLEDGED_ANOTHER' }, 'the audit service acknowledges another record than was sent');
      this.#settle(id)?.reject(unavailable('another record was acknowledged'));
    }
  }

  #resume(): void {
    if (this.#hasGivenUp()) this.#log.info('the audit service answers again');
    this.#brokenTicks = 0;
    this.#answers = true;
    this.#unsent = [...this.#pending.values()];
    this.#flush();
  }

  #giveUp(): void {
    this.#log.error('the audit service does not answer');
    for (const id of this.#pending.keys()) this.#settle(id)?.reject(unavailable('the audit service does not answer'));
  }

  #settle(id: string): PromiseWithResolvers<Appended> | undefined {
    const pending = this.#pending.take(id);
    if (!pending) return undefined;
    this.#pendingBytes -= pending.bytes;
    return pending.settled;
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#answers && !this.#isFull) {
      const entries = this.#takeMessage();
      if (entries.length === 0) return;
      this.#isFull = !this.#stream?.write({ entries });
    }
  }

  #takeMessage(): Entry[] {
    const entries: Entry[] = [];
    let bytes = 0;
    let taken = 0;
    for (const pending of this.#unsent) {
      if (entries.length === MESSAGE_MAX_ENTRIES || bytes + pending.bytes > MESSAGE_MAX_BYTES) break;
      taken++;
      // Given up while it waited.
      if (this.#pending.get(pending.id) !== pending) continue;
      bytes += pending.bytes;
      entries.push(pending.entry);
    }
    this.#unsent = this.#unsent.slice(taken);
    return entries;
  }
}
