import { Metadata, type ServerDuplexStream } from '@grpc/grpc-js';
import { type CarriedAnswer, type CarriedCall, CarryRequest, CarryResponse } from '#gen/rangkiang/mesh/v1/trunk.ts';
import { asMeshError, MeshError, toGrpcError, toStatus } from '../errors.ts';
import { peerOf } from '../peer.ts';
import { type AllowList, assertAllowed } from '../server/allow.ts';
import { IncomingCall } from '../server/call.ts';
import { answerUnary, type DispatchOptions } from '../server/dispatch.ts';
import type { Served } from '../server/implementation.ts';
import { grantOf } from '../server/ordinary.ts';
import type { Peer } from '../spiffe.ts';
import { UnderWay } from '../under-way.ts';
import { FRAME_BYTES } from './limits.ts';

const EMPTY = Buffer.alloc(0);

type TrunkStream = ServerDuplexStream<Buffer, Buffer>;

/** The callee's end of one trunk: answers carried calls and sends the answers of one event-loop turn together. */
class CalleeEnd {
  readonly #stream: TrunkStream;
  readonly #peer: Peer;
  readonly #served: ReadonlyMap<string, Served>;
  readonly #allow: AllowList;
  readonly #options: DispatchOptions;
  readonly #running = new UnderWay<number, IncomingCall>();
  #ready: CarriedAnswer[] = [];
  #flushing = false;
  #blocked = false;
  #halfClosed = false;

  constructor(
    stream: TrunkStream,
    peer: Peer,
    served: ReadonlyMap<string, Served>,
    allow: AllowList,
    options: DispatchOptions,
  ) {
    this.#stream = stream;
    this.#peer = peer;
    this.#served = served;
    this.#allow = allow;
    this.#options = options;
    stream.on('data', (frame: Buffer) => this.#receive(frame));
    stream.on('drain', () => {
      this.#blocked = false;
      this.#flush();
    });
    stream.on('end', () => {
      this.#halfClosed = true;
      this.#flush();
    });
  }

  #receive(frame: Buffer): void {
    const { calls, cancelled } = CarryRequest.decode(frame);
    for (const id of cancelled) this.#running.get(id)?.cancel();
    for (const call of calls) void this.#answer(call);
  }

  async #answer(carried: CarriedCall): Promise<void> {
    let incoming: IncomingCall | undefined;
    const answer: CarriedAnswer = {
      id: carried.id,
      body: EMPTY,
      code: 0,
      message: '',
      status: EMPTY,
      auditIndexPlusOne: 0n,
      rows: 0,
      wrongGuess: false,
    };
    try {
      const served = this.#served.get(carried.method);
      if (!served?.unary) throw new MeshError('METHOD_UNKNOWN');
      assertAllowed(this.#allow, carried.method, this.#peer);
      incoming = new IncomingCall({
        method: served.method,
        peer: this.#peer,
        grant: grantOf(served, this.#peer.kind === 'MESH' ? this.#peer.name : '', carried.grant),
        deadlineMs: Date.now() + carried.timeoutMs,
        traceparent: carried.traceparent,
      });
      this.#running.set(carried.id, incoming);
      answer.body = await answerUnary(served, carried.body, incoming, this.#options);
    } catch (error) {
      const status = toStatus(asMeshError(error), incoming?.locale ?? 'id');
      answer.code = status.code;
      answer.message = status.message;
      answer.status = status.details;
    }
    this.#running.take(carried.id);
    if (incoming) {
      if (incoming.auditIndex !== undefined) answer.auditIndexPlusOne = incoming.auditIndex + 1n;
      answer.rows = incoming.record.rows;
      answer.wrongGuess = incoming.record.wrongGuess;
    }
    this.#ready.push(answer);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    // After all answers that this turn's acknowledgements and query results set free.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    while (this.#ready.length > 0 && !this.#blocked && !this.#stream.destroyed) {
      let bytes = 0;
      let count = 0;
      while (count < this.#ready.length && (count === 0 || bytes < FRAME_BYTES)) {
        bytes += (this.#ready[count] as CarriedAnswer).body.length + 256;
        count += 1;
      }
      const answers = this.#ready.splice(0, count);
      this.#blocked = !this.#stream.write(CarryResponse.encode({ answers, goingAway: false }).finish());
    }
    if (this.#halfClosed && !this.busy) this.#stream.end();
  }

  /** Tells the caller to send new calls elsewhere. */
  goAway(): void {
    this.#stream.write(CarryResponse.encode({ answers: [], goingAway: true }).finish());
  }

  get busy(): boolean {
    return this.#running.size > 0 || this.#ready.length > 0;
  }

  /** The stream is gone: nobody waits for the answers. */
  abandon(): void {
    for (const call of this.#running.values()) call.cancel();
  }
}

/** All trunks that end in this process. */
export class TrunkCallee {
  readonly #served: ReadonlyMap<string, Served>;
  readonly #allow: AllowList;
  readonly #options: DispatchOptions;
  readonly #ends = new Set<CalleeEnd>();
  #draining = false;

  constructor(served: ReadonlyMap<string, Served>, allow: AllowList, options: DispatchOptions) {
    this.#served = served;
    this.#allow = allow;
    this.#options = options;
  }

  /** Takes over a stream of TrunkService/Carry. Any process of the mesh may open one; each call is checked by itself. */
  accept(stream: TrunkStream): void {
    const peer = peerOf(stream);
    const refusal = this.#draining
      ? 'SERVICE_UNAVAILABLE'
      : !peer
        ? 'IDENTITY_INVALID'
        : peer.kind !== 'MESH'
          ? 'CALLER_NOT_ALLOWED'
          : undefined;
    if (refusal || !peer) {
      stream.emit('error', toGrpcError(toStatus(new MeshError(refusal ?? 'IDENTITY_INVALID'), 'id')));
      return;
    }
    const end = new CalleeEnd(stream, peer, this.#served, this.#allow, this.#options);
    this.#ends.add(end);
    stream.on('close', () => this.#ends.delete(end));
    stream.on('cancelled', () => {
      this.#ends.delete(end);
      end.abandon();
    });
    // Tells the caller that the trunk stands.
    stream.sendMetadata(new Metadata());
  }

  /** Tells every caller to leave, and resolves when their calls are answered or the time is over. */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true;
    for (const end of this.#ends) end.goAway();
    const stopAt = Date.now() + timeoutMs;
    while ([...this.#ends].some((end) => end.busy) && Date.now() < stopAt) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
