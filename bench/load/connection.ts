import { connect, type TLSSocket } from 'node:tls';
import { type Frame, FrameReader } from './frame-reader.ts';
import { Flag, FrameType, frame, settings, windowUpdate } from './frames.ts';
import { grpcStatus, type Header } from './hpack.ts';
import { type RequestTemplate, requestTemplates } from './request.ts';

/** What to call, and as whom. */
export interface Target {
  /** host:port */
  address: string;
  /** The server's SPIFFE id. */
  peer: string;
  /** PEM texts. */
  tls: { ca: string; cert: string; key: string };
  /** Full path of the method. */
  path: string;
  /** The caller's own metadata. */
  metadata: readonly Header[];
  /** Request messages in base64, sent in turn. */
  bodies: readonly string[];
}

/** Told of every answer: its gRPC status code (-1: the stream broke), its duration, and its DATA bytes. */
export type OnAnswer = (status: number, durationMs: number, dataBytes: number) => void;

const MAX_WINDOW = 2 ** 31 - 1;
const DEFAULT_WINDOW = 65_535;
const TOP_UP_BYTES = 2 ** 24;
const SETTINGS_HEADER_TABLE_SIZE = 1;
const SETTINGS_INITIAL_WINDOW_SIZE = 4;

interface Call {
  startMs: number;
  dataBytes: number;
}

/**
 * One HTTP/2 connection in a closed loop: every answer starts the next call. It knows just enough of HTTP/2 for that
 * (a grpc-js client costs as much as the server it would measure), and stops loudly at anything else.
 * The server is told to keep no dynamic header table, so that a status can be found without decoding headers.
 */
export class LoadConnection {
  readonly #socket: TLSSocket;
  readonly #onAnswer: OnAnswer;
  readonly #onBroken: (error: Error) => void;
  readonly #first: RequestTemplate;
  readonly #later: RequestTemplate[];
  readonly #open = new Map<number, Call>();
  #calls = 0;
  #issuing = false;
  #due = 0;
  readonly #frames = new FrameReader();
  #sendWindow = DEFAULT_WINDOW;
  #receivedBytes = 0;
  #onDrained: (() => void) | undefined;

  private constructor(socket: TLSSocket, target: Target, onAnswer: OnAnswer, onBroken: (error: Error) => void) {
    this.#socket = socket;
    this.#onAnswer = onAnswer;
    this.#onBroken = onBroken;
    const headers: Header[] = [
      [':method', 'POST'],
      [':scheme', 'https'],
      [':authority', target.address],
      [':path', target.path],
      ['te', 'trailers'],
      ['content-type', 'application/grpc'],
      ['user-agent', 'rangkiang-bench'],
      ...target.metadata,
    ];
    const messages = target.bodies.map((body) => Buffer.from(body, 'base64'));
    ({ first: this.#first, later: this.#later } = requestTemplates(headers, messages));
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => this.#read(piece));
    socket.on('error', onBroken);
    socket.on('close', () => onBroken(new Error('the server closed the connection')));
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    socket.write(
      settings([
        [SETTINGS_HEADER_TABLE_SIZE, 0],
        [SETTINGS_INITIAL_WINDOW_SIZE, MAX_WINDOW],
      ]),
    );
    socket.write(windowUpdate(0, MAX_WINDOW - DEFAULT_WINDOW));
  }

  /** Connects; `onBroken` hears whatever ends the connection. */
  static open(target: Target, onAnswer: OnAnswer, onBroken: (error: Error) => void): Promise<LoadConnection> {
    const [host, port] = target.address.split(':');
    return new Promise((resolve, reject) => {
      const socket = connect({
        host,
        port: Number(port),
        ...target.tls,
        ALPNProtocols: ['h2'],
        checkServerIdentity: (_, { subjectaltname }) =>
          subjectaltname?.split(', ').includes(`URI:${target.peer}`)
            ? undefined
            : new Error('the server is somebody else'),
      });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.off('error', reject);
        resolve(new LoadConnection(socket, target, onAnswer, onBroken));
      });
    });
  }

  /** Keeps so many calls in flight until `drain`. */
  load(inFlight: number): void {
    this.#issuing = true;
    this.#due = inFlight;
    this.#send();
  }

  /** Starts no more calls; resolves when the last is answered. */
  drain(): Promise<void> {
    this.#issuing = false;
    return new Promise((resolve) => {
      this.#onDrained = resolve;
      this.#settle();
    });
  }

  /** Ends the connection at once; `onBroken` hears that too. */
  close(): void {
    this.#socket.destroy();
  }

  #settle(): void {
    if (!this.#issuing && this.#open.size === 0) this.#onDrained?.();
  }

  /** Writes all calls that are due at once. */
  #send(): void {
    const startMs = performance.now();
    const requests: Buffer[] = [];
    for (; this.#due > 0; this.#due--) {
      const template = this.#calls === 0 ? this.#first : this.#later[this.#calls % this.#later.length];
      if (template === undefined) throw new RangeError('no request');
      const stream = 2 * this.#calls++ + 1;
      const bytes = Buffer.from(template.bytes);
      for (const offset of template.idOffsets) bytes.writeUInt32BE(stream, offset);
      requests.push(bytes);
      this.#open.set(stream, { startMs, dataBytes: 0 });
      this.#sendWindow -= template.dataBytes;
    }
    // Calls are so small and so few at a time that the server's updates always come long before this.
    if (this.#sendWindow < 0) throw new Error("the server's flow control window is used up");
    this.#socket.write(Buffer.concat(requests));
  }

  #read(piece: Buffer): void {
    const nowMs = performance.now();
    this.#frames.read(piece, (frame) => this.#take(frame, nowMs));
    if (this.#due > 0) this.#send();
    else this.#settle();
  }

  #take({ type, flags, stream, payload }: Frame, nowMs: number): void {
    switch (type) {
      case FrameType.HEADERS:
        if ((flags & Flag.END_STREAM) !== 0) this.#end(stream, grpcStatus(payload), nowMs);
        break;
      case FrameType.DATA:
        this.#data(stream, payload.length);
        break;
      case FrameType.RST_STREAM:
        this.#end(stream, -1, nowMs);
        break;
      case FrameType.WINDOW_UPDATE:
        if (stream === 0) this.#sendWindow += payload.readUInt32BE(0);
        break;
      case FrameType.SETTINGS:
        if ((flags & Flag.ACK) === 0) this.#socket.write(frame(type, Flag.ACK, 0, Buffer.alloc(0)));
        break;
      case FrameType.PING:
        if ((flags & Flag.ACK) === 0) this.#socket.write(frame(type, Flag.ACK, 0, payload));
        break;
      default:
        this.#onBroken(new Error(`the server sent a frame of type ${type}`));
    }
  }

  #data(stream: number, length: number): void {
    const call = this.#open.get(stream);
    if (call !== undefined) call.dataBytes += length;
    this.#receivedBytes += length;
    if (this.#receivedBytes < TOP_UP_BYTES) return;
    this.#socket.write(windowUpdate(0, this.#receivedBytes));
    this.#receivedBytes = 0;
  }

  #end(stream: number, status: number, nowMs: number): void {
    const call = this.#open.get(stream);
    if (call === undefined) return;
    this.#open.delete(stream);
    this.#onAnswer(status, nowMs - call.startMs, call.dataBytes);
    if (this.#issuing) this.#due++;
  }
}
