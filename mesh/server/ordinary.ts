import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { asMeshError, MeshError, toGrpcError, toStatus } from '../errors.ts';
import { outflow } from '../outflow.ts';
import { peerOf } from '../peer.ts';
import { type AllowList, assertAllowed } from './allow.ts';
import { IncomingCall } from './call.ts';
import { answerStream, answerUnary, type DispatchOptions } from './dispatch.ts';
import type { Served } from './implementation.ts';

type ServerSurface = Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'getDeadline' | 'getAuthContext' | 'on'>;
type DuplexCall = ServerDuplexStream<Buffer, Buffer>;
type SendingCall = ServerWritableStream<Buffer, Buffer>;

/** Bytes are passed as they are: the kit decodes after it has validated. */
export const passBytes = (bytes: Buffer): Buffer => bytes;

function header(metadata: Metadata, name: string): string {
  const value = metadata.get(name)[0];
  return typeof value === 'string' ? value : '';
}

/** When the caller stops waiting, milliseconds since 1970; without a deadline of its own the method's default counts. */
export function deadlineOf(call: Pick<ServerSurface, 'getDeadline'>, defaultDeadlineMs: number): number {
  const deadline = call.getDeadline();
  const givenMs = typeof deadline === 'number' ? deadline : deadline.getTime();
  return Math.min(givenMs, Date.now() + defaultDeadlineMs);
}

/** The grant of a call: believed only from a broker. A public method without one is not served. */
export function grantOf(served: Served, peerName: string, bytes: Uint8Array): Grant {
  if (served.method.policy.door !== 'BROKER') return Grant.create();
  const grant = peerName === 'broker' ? Grant.decode(bytes) : Grant.create();
  if (grant.callId.length !== 16) throw new MeshError('CALLER_NOT_ALLOWED');
  return grant;
}

function enter(served: Served, allow: AllowList, call: ServerSurface): IncomingCall {
  const { method } = served;
  const peer = peerOf(call);
  assertAllowed(allow, method.path, peer);
  const grantBytes = call.metadata.get('rangkiang-grant-bin')[0];
  const incoming = new IncomingCall({
    method,
    peer,
    grant: grantOf(
      served,
      peer.kind === 'MESH' ? peer.name : '',
      Buffer.isBuffer(grantBytes) ? grantBytes : Buffer.alloc(0),
    ),
    deadlineMs: deadlineOf(call, method.policy.defaultDeadlineMs),
    traceparent: header(call.metadata, 'traceparent'),
  });
  call.on('cancelled', () => incoming.cancel());
  return incoming;
}

function trailersOf(incoming: IncomingCall | undefined): Metadata {
  const trailers = new Metadata();
  if (!incoming) return trailers;
  if (incoming.auditIndex !== undefined) trailers.set('rangkiang-audit-index', String(incoming.auditIndex));
  if (incoming.record.rows > 0) trailers.set('rangkiang-rows', String(incoming.record.rows));
  if (incoming.record.wrongGuess) trailers.set('rangkiang-wrong-guess', '1');
  return trailers;
}

function failureOf(error: unknown, incoming: IncomingCall | undefined) {
  return toGrpcError(toStatus(asMeshError(error), incoming?.locale ?? 'id'), trailersOf(incoming));
}

function unary(served: Served, allow: AllowList, options: DispatchOptions): handleUnaryCall<Buffer, Buffer> {
  return async (call, callback) => {
    let incoming: IncomingCall | undefined;
    try {
      incoming = enter(served, allow, call);
      const body = await answerUnary(served, call.request, incoming, options);
      callback(null, body, trailersOf(incoming));
    } catch (error) {
      callback(failureOf(error, incoming));
    }
  };
}

async function* receive(call: DuplexCall): AsyncGenerator<Buffer> {
  // A handler that stops reading still has a status to send: leaving the loop must not destroy the call.
  for await (const body of call.iterator({ destroyOnReturn: false })) yield body as Buffer;
}

async function* single(body: Buffer): AsyncGenerator<Buffer> {
  yield body;
}

/** Sends a stream at the pace of its reader: a slow one holds back the handler, not our memory. */
async function send(
  call: DuplexCall | SendingCall,
  incoming: IncomingCall,
  bodies: AsyncIterable<Buffer>,
): Promise<void> {
  const { signal } = incoming;
  let resume: (() => void) | undefined;
  const write = outflow(call, () => resume?.());
  signal.addEventListener('abort', () => resume?.());
  for await (const body of bodies) {
    if (signal.aborted) return;
    if (write(body)) continue;
    await new Promise<void>((resolve) => {
      resume = resolve;
    });
  }
}

function stream(served: Served, allow: AllowList, options: DispatchOptions) {
  const run = async (call: DuplexCall | SendingCall, bodies: () => AsyncIterable<Buffer>): Promise<void> => {
    let incoming: IncomingCall | undefined;
    try {
      incoming = enter(served, allow, call as ServerSurface);
      call.sendMetadata(new Metadata());
      await send(call, incoming, answerStream(served, bodies(), incoming, options));
      call.end(trailersOf(incoming));
    } catch (error) {
      call.emit('error', failureOf(error, incoming));
    }
  };
  const bidi: handleBidiStreamingCall<Buffer, Buffer> = (call) => void run(call, () => receive(call));
  const sending: handleServerStreamingCall<Buffer, Buffer> = (call) => void run(call, () => single(call.request));
  return { bidi, sending };
}

/** Serves a method as an ordinary gRPC method. */
export function serveOrdinary(server: Server, served: Served, allow: AllowList, options: DispatchOptions): void {
  const { path, requestStream } = served.method;
  if (served.unary) server.register(path, unary(served, allow, options), passBytes, passBytes, 'unary');
  else if (requestStream) server.register(path, stream(served, allow, options).bidi, passBytes, passBytes, 'bidi');
  else server.register(path, stream(served, allow, options).sending, passBytes, passBytes, 'serverStream');
}
