import { type ClientDuplexStream, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { CarriedAnswer } from '#gen/rangkiang/mesh/v1/trunk.ts';
import type { Channel } from '#mesh/client.ts';
import { BODY_BYTES, HOP_MS } from '#mesh/trunk/limits.ts';
import type { Trunk } from '#mesh/trunk/trunk.ts';

/** The outcome of a forwarded call. Its fields are those of a carried answer, whichever way it went. */
export type Answer = Pick<
  CarriedAnswer,
  'body' | 'code' | 'message' | 'status' | 'auditIndexPlusOne' | 'rows' | 'wrongGuess'
>;

/** What goes with a forwarded call. */
export interface Onward {
  readonly path: string;
  readonly grant: Buffer;
  readonly traceparent: string;
  /** Milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Whose queue it waits in: the OPD. */
  readonly queue: string;
}

/** A forwarded call under way. */
export interface Forwarded {
  /** Rejects with MeshError when no answer came; then `wasSent` tells whether the outcome is unknown. */
  readonly answer: Promise<Answer>;
  wasSent(): boolean;
  cancel(): void;
}

const passBytes = (bytes: Buffer): Buffer => bytes;
const EMPTY = Buffer.alloc(0);

function metadataOf(onward: Onward): Metadata {
  const metadata = new Metadata();
  metadata.set('rangkiang-grant-bin', onward.grant);
  metadata.set('traceparent', onward.traceparent);
  return metadata;
}

function text(metadata: Metadata | undefined, name: string): string {
  return String(metadata?.get(name)[0] ?? '');
}

function answerOf(trailers: Metadata | undefined, parts: Pick<Answer, 'body' | 'code' | 'message' | 'status'>): Answer {
  const index = text(trailers, 'rangkiang-audit-index');
  return {
    ...parts,
    auditIndexPlusOne: index === '' ? 0n : BigInt(index) + 1n,
    // What is no number would spoil the rows that are left of the day.
    rows: Number(text(trailers, 'rangkiang-rows')) || 0,
    wrongGuess: text(trailers, 'rangkiang-wrong-guess') === '1',
  };
}

/** A status that the service itself gave carries details; one that grpc made because the service was lost does not. */
export function statusOf(error: ServiceError): Answer | undefined {
  const status = error.metadata?.get('grpc-status-details-bin')[0];
  if (!Buffer.isBuffer(status)) return undefined;
  return answerOf(error.metadata, { body: EMPTY, code: error.code, message: error.details, status });
}

/** Forwards calls to one process: small ones over the trunk, large ones and streams as ordinary gRPC. */
export class Forwarder {
  readonly #channel: Channel;
  readonly #trunk: Trunk;

  constructor(channel: Channel, trunk: Trunk) {
    this.#channel = channel;
    this.#trunk = trunk;
  }

  /** Forwards the same bytes that the caller sent. */
  unary(body: Buffer, onward: Onward): Forwarded {
    return body.length <= BODY_BYTES ? this.#trunk.call(onward.path, body, onward) : this.#ordinary(body, onward);
  }

  #ordinary(body: Buffer, onward: Onward): Forwarded {
    const abort = new AbortController();
    let trailers: Metadata | undefined;
    const answer = this.#channel
      .unary({ path: onward.path, requestSerialize: passBytes, responseDeserialize: passBytes }, body, {
        timeoutMs: onward.deadlineMs - Date.now() - HOP_MS,
        metadata: metadataOf(onward),
        signal: abort.signal,
        onTrailers: (received) => {
          trailers = received;
        },
      })
      .then(
        (bytes) => answerOf(trailers, { body: bytes, code: 0, message: '', status: EMPTY }),
        (error: Error) => {
          const status = statusOf(error.cause as ServiceError);
          if (status) return status;
          throw error;
        },
      );
    return { answer, wasSent: () => true, cancel: () => abort.abort() };
  }

  /** Opens a stream both ways; messages are passed as bytes. */
  stream(onward: Onward): ClientDuplexStream<Buffer, Buffer> {
    return this.#channel.duplex(
      { path: onward.path, requestSerialize: passBytes, responseDeserialize: passBytes },
      { timeoutMs: onward.deadlineMs - Date.now() - HOP_MS, metadata: metadataOf(onward) },
    );
  }
}
