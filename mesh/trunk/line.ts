import type { ClientDuplexStream } from '@grpc/grpc-js';
import { type CarriedAnswer, CarryRequest, CarryResponse } from '#gen/rangkiang/mesh/v1/trunk.ts';
import type { Channel } from '../client.ts';
import { MeshError } from '../errors.ts';
import { UnderWay } from '../under-way.ts';
import type { FairQueue } from './fair-queue.ts';
import { FRAME_BYTES, HOP_MS } from './limits.ts';

/** A call that waits or is on its way. */
export interface Pending {
  readonly method: string;
  readonly body: Buffer;
  readonly grant: Uint8Array;
  readonly traceparent: string;
  readonly deadlineMs: number;
  readonly resolve: (answer: CarriedAnswer) => void;
  readonly reject: (error: MeshError) => void;
  /** The line and the id under which it was sent; unset while it waits. */
  sent?: { line: Line; id: number };
  /** Nobody waits for the answer any more: it came, or the caller left. */
  over?: boolean;
}

/** Calls on their way at once on one line; more wait in their owners' queues. */
const IN_FLIGHT = 2_048;
/** A line is replaced before its ids run out. */
const LAST_ID = 0xffff_ff00;

const CARRY = {
  path: '/rangkiang.mesh.v1.TrunkService/Carry',
  requestSerialize: (message: CarryRequest) => CarryRequest.encode(message).finish(),
  responseDeserialize: (bytes: Buffer) => CarryResponse.decode(bytes),
};

/** One stream of a trunk, from its opening to its end. */
export class Line {
  readonly #stream: ClientDuplexStream<CarryRequest, CarryResponse>;
  readonly #onTheirWay = new UnderWay<number, Pending>();
  #cancelled: number[] = [];
  #nextId = 1;
  #blocked = false;
  #ended = false;

  /** `opened`: it stands. `leave`: send nothing new on it. `ended`: it is gone and so are its calls. */
  constructor(channel: Channel, on: { opened(): void; answered(): void; leave(): void; ended(): void }) {
    const stream = channel.duplex(CARRY);
    this.#stream = stream;
    stream.on('metadata', on.opened);
    stream.on('drain', () => {
      this.#blocked = false;
      on.answered();
    });
    stream.on('data', ({ answers, goingAway }: CarryResponse) => {
      for (const answer of answers) {
        const pending = this.#onTheirWay.take(answer.id);
        if (!pending) continue;
        pending.over = true;
        pending.resolve(answer);
      }
      if (goingAway || this.#nextId > LAST_ID) on.leave();
      on.answered();
    });
    const end = () => {
      if (this.#ended) return;
      this.#ended = true;
      for (const id of this.#onTheirWay.keys()) {
        const pending = this.#onTheirWay.take(id) as Pending;
        pending.over = true;
        pending.reject(new MeshError('SERVICE_UNAVAILABLE'));
      }
      on.ended();
    };
    stream.on('error', end);
    stream.on('end', end);
  }

  /** Sends what waits, all of it in as few messages as fit. */
  flush(queue: FairQueue<Pending>): void {
    while (!this.#blocked && (this.#cancelled.length > 0 || (queue.size > 0 && this.#onTheirWay.size < IN_FLIGHT))) {
      const calls = this.#take(queue);
      const cancelled = this.#cancelled;
      this.#cancelled = [];
      if (calls.length > 0 || cancelled.length > 0) this.#blocked = !this.#stream.write({ calls, cancelled });
    }
  }

  #take(queue: FairQueue<Pending>): CarryRequest['calls'] {
    const calls: CarryRequest['calls'] = [];
    const now = Date.now();
    let bytes = 0;
    while (bytes < FRAME_BYTES && this.#onTheirWay.size < IN_FLIGHT) {
      const pending = queue.take();
      if (!pending) break;
      if (pending.over) continue;
      const { method, body, traceparent, deadlineMs } = pending;
      const timeoutMs = Math.min(deadlineMs - now - HOP_MS, 0x7fff_ffff);
      if (timeoutMs <= 0) {
        pending.reject(new MeshError('DEADLINE_EXCEEDED'));
        continue;
      }
      const id = this.#nextId++;
      pending.sent = { line: this, id };
      this.#onTheirWay.set(id, pending);
      bytes += body.length + pending.grant.length + 128;
      calls.push({ id, method, body, grant: pending.grant as Buffer, traceparent, timeoutMs });
    }
    return calls;
  }

  /** Whether calls are on their way. */
  get isBusy(): boolean {
    return this.#onTheirWay.size > 0;
  }

  /** Tells the callee that nobody waits for a call any more; sent with the next flush. */
  cancel(id: number): void {
    if (this.#onTheirWay.take(id)) this.#cancelled.push(id);
  }

  /** The calls whose time is over. */
  *expired(nowMs: number): Generator<Pending> {
    for (const pending of this.#onTheirWay.values()) if (pending.deadlineMs <= nowMs) yield pending;
  }

  /** Nothing new follows; the callee answers what is on its way and ends the stream. */
  halfClose(): void {
    this.#stream.end();
  }

  /** Ends it now. */
  close(): void {
    this.#stream.cancel();
  }
}
