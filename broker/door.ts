import {
  type Metadata,
  Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { type Method, methods } from '#mesh/contract.ts';
import { MeshError } from '#mesh/errors.ts';
import { oncePerConnection, peerOf } from '#mesh/peer.ts';
import { deadlineOf, passBytes } from '#mesh/server/ordinary.ts';
import { SERVER_OPTIONS } from '#mesh/server.ts';
import { Attempt } from './admission.ts';
import { type CallParts, carryUnary, refuse } from './calls.ts';
import type { Forwarded, Forwarder, Onward } from './forward.ts';
import { parseAddress } from './policy/networks.ts';
import { serveReflection } from './reflection.ts';
import { type Route, routes } from './routes.ts';
import { carryStream } from './streams.ts';

/** How calls go on to each process. */
export interface Onwards {
  unary(route: Route, body: Buffer, onward: Onward): Forwarded;
  stream(route: Route): Pick<Forwarder, 'stream'>;
}

/** Calls of one connection that may be under way; its client queues what is more. grpc-js would take any number. */
const CONCURRENT_CALLS = 1_000;
/** Largest request that the door takes; grpc-js itself reads a little more, so that we can say so in words. */
const REQUEST_BYTES = 4 * 1024 * 1024;

interface Surface {
  readonly metadata: Metadata;
  getDeadline(): Date | number;
}

type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
type StreamCall = ServerDuplexStream<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** Where a connection comes from, as its socket says: "10.1.2.3:50312", "::1:50312". */
const addressOf = oncePerConnection((call: Pick<UnaryCall | StreamCall, 'getAuthContext' | 'getPeer'>) =>
  parseAddress(call.getPeer().replace(/:\d+$/, '')),
);

/** grpc-js answers a method that it does not know by itself, unseen by us. This map hands such calls to the door. */
class HandlersWithFallback extends Map<string, unknown> {
  readonly #fallback: (path: string) => unknown;

  constructor(fallback: (path: string) => unknown) {
    super();
    this.#fallback = fallback;
  }

  override get(path: string): unknown {
    return super.get(path) ?? this.#fallback(path);
  }
}

/** Builds the server of the door: every public method, reflection, and a refusal for everything else. */
export function buildDoor(parts: CallParts, onwards: Onwards): Server {
  const server = new Server({
    ...SERVER_OPTIONS,
    'grpc.max_receive_message_length': 2 * REQUEST_BYTES,
    'grpc.max_concurrent_streams': CONCURRENT_CALLS,
  });
  const attemptOf = (path: string, call: Surface & Parameters<typeof addressOf>[0]) =>
    new Attempt(path, peerOf(call), addressOf(call), call.metadata, parts.traceRatio);

  const unary = (method: Method, route: Route) => (call: UnaryCall, callback: sendUnaryData<Buffer>) => {
    const attempt = attemptOf(method.path, call);
    const forward = (body: Buffer, onward: Onward) => {
      if (body.length > REQUEST_BYTES) throw new MeshError('REQUEST_TOO_LARGE');
      return onwards.unary(route, body, onward);
    };
    const hooks = {
      started: (forwarded: Forwarded) => call.on('cancelled', () => forwarded.cancel()),
      deliver: callback,
    };
    void carryUnary(attempt, call.request, deadlineOf(call, method.policy.defaultDeadlineMs), forward, hooks, parts);
  };
  const stream = (method: Method, route: Route) => (call: StreamCall) => {
    const deadlineMs = deadlineOf(call, method.policy.defaultDeadlineMs);
    void carryStream(attemptOf(method.path, call), call, deadlineMs, onwards.stream(route), parts);
  };
  const unknown = (path: string) => ({
    path,
    type: 'bidi',
    serialize: passBytes,
    deserialize: passBytes,
    func: async (call: StreamCall) => {
      const attempt = attemptOf(path, call);
      try {
        attempt.enter(parts.flood);
        attempt.readHeaders();
        throw new MeshError('METHOD_UNKNOWN');
      } catch (error) {
        call.emit('error', await refuse(attempt, error, 'DENIED', parts));
      }
    },
  });

  Object.assign(server, { handlers: new HandlersWithFallback(unknown) });
  for (const method of methods.values()) {
    if (method.policy.door !== 'BROKER') continue;
    const route = routes[method.service];
    if (!route) throw new Error(`no route to ${method.service}`);
    if (!method.requestStream && !method.responseStream) {
      server.register(method.path, unary(method, route), passBytes, passBytes, 'unary');
    } else {
      const type = method.requestStream ? 'bidi' : 'serverStream';
      server.register(method.path, stream(method, route), passBytes, passBytes, type);
    }
  }
  serveReflection(server);
  return server;
}
