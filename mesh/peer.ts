import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { type Peer, peerOfCertificate } from './spiffe.ts';

type AnyCall = Pick<ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>, 'getAuthContext'>;

// getAuthContext() serialises and parses the certificate on every call (50 to 80 us), so the peer is remembered with
// the connection. grpc-js does not show the connection; where its private path has moved, we pay the price instead.
const peers = new WeakMap<ServerHttp2Session, Peer | null>();

function sessionOf(call: AnyCall): ServerHttp2Session | undefined {
  const inner = (call as unknown as { call?: { stream?: ServerHttp2Stream } }).call;
  return inner?.stream?.session as ServerHttp2Session | undefined;
}

function read(call: AnyCall): Peer | null {
  const der = call.getAuthContext().sslPeerCertificate?.raw;
  return (der && peerOfCertificate(der)) ?? null;
}

/** Who calls, by the certificate of the connection; undefined when it names nobody of ours or has expired. */
export function peerOf(call: AnyCall): Peer | undefined {
  const session = sessionOf(call);
  let peer = session && peers.get(session);
  if (peer === undefined) {
    peer = read(call);
    if (session) peers.set(session, peer);
  }
  // A connection may outlive the certificate that opened it.
  return peer && peer.notAfterMs > Date.now() ? peer : undefined;
}
