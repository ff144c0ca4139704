import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { type Peer, peerOfCertificate } from './spiffe.ts';

type AnyCall = Pick<ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>, 'getAuthContext'>;

function sessionOf(call: AnyCall): ServerHttp2Session | undefined {
  const inner = (call as unknown as { call?: { stream?: ServerHttp2Stream } }).call;
  return inner?.stream?.session as ServerHttp2Session | undefined;
}

/**
 * Remembers with a call's connection what `read` says of the call. grpc-js does not show the connection; where its private
 * path has moved, it is read for every call instead.
 */
export function oncePerConnection<C extends AnyCall, T>(read: (call: C) => T): (call: C) => T {
  const known = new WeakMap<ServerHttp2Session, { readonly value: T }>();
  return (call) => {
    const session = sessionOf(call);
    const found = session && known.get(session);
    if (found) return found.value;
    const value = read(call);
    if (session) known.set(session, { value });
    return value;
  };
}

// getAuthContext() serialises and parses the certificate on every call (50 to 80 us).
const readPeer = oncePerConnection((call: AnyCall): Peer | undefined => {
  const der = call.getAuthContext().sslPeerCertificate?.raw;
  return der && peerOfCertificate(der);
});

/** Who calls, by the certificate of the connection; undefined when it names nobody of ours or has expired. */
export function peerOf(call: AnyCall): Peer | undefined {
  const peer = readPeer(call);
  // A connection may outlive the certificate that opened it.
  return peer && peer.notAfterMs > Date.now() ? peer : undefined;
}
