import { Server, type ServerOptions } from '@grpc/grpc-js';
import { warmValidation } from './contract.ts';
import type { Appender } from './record.ts';
import { type AllowList, checkAllowList } from './server/allow.ts';
import { releaseClosedStreams } from './server/closed-streams.ts';
import type { DispatchOptions } from './server/dispatch.ts';
import type { Implementation } from './server/implementation.ts';
import { passBytes, serveOrdinary } from './server/ordinary.ts';
import { serverCredentials, type TlsFiles } from './tls.ts';
import { TrunkCallee } from './trunk/callee.ts';

export type { AllowList } from './server/allow.ts';
export type { CallContext } from './server/call.ts';
export { implement } from './server/implementation.ts';

/** A server that listens. */
export interface MeshServer {
  /** host:port. */
  readonly address: string;
  /** Takes no new calls, waits for those under way, at most `timeoutMs`, then closes every connection. */
  drain(timeoutMs: number): Promise<void>;
}

releaseClosedStreams();

/** Options of every gRPC server of the mesh, the broker's included. */
export const SERVER_OPTIONS: ServerOptions = {
  'grpc.enable_channelz': 0,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

/** Binds a server to `listen` (host:port, port 0 for any). Rejects with a message that names the address when taken. */
export async function bind(server: Server, listen: string, tls: TlsFiles): Promise<string> {
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(listen, serverCredentials(tls), (error, bound) => {
      if (error) reject(new Error(`cannot listen on ${listen}: ${error.message}`, { cause: error }));
      else resolve(bound);
    });
  });
  return `${listen.slice(0, listen.lastIndexOf(':'))}:${port}`;
}

/** Stops a server: new calls are refused, those under way may end, then every connection is closed. */
export async function shutDown(server: Server, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, timeoutMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Starts the server of a service. Every unary method is served both ways: over the trunk, and as an ordinary gRPC
 * method. Throws when the allow-list and the methods do not match.
 */
export async function startServer(options: {
  name: string;
  listen: string;
  tls: TlsFiles;
  allow: AllowList;
  implementations: readonly Implementation[];
  /** Where records go; needed if any method is recorded. */
  audit?: Appender;
  onFault: DispatchOptions['onFault'];
}): Promise<MeshServer> {
  checkAllowList(options.allow, options.implementations);
  const dispatch: DispatchOptions = { name: options.name, audit: options.audit, onFault: options.onFault };
  const served = options.implementations.flat();
  warmValidation(new Set(served.map(({ method }) => method.requestType)));

  const server = new Server(SERVER_OPTIONS);
  for (const method of served) serveOrdinary(server, method, options.allow, dispatch);
  const trunks = new TrunkCallee(new Map(served.map((entry) => [entry.method.path, entry])), options.allow, dispatch);
  server.register(
    '/rangkiang.mesh.v1.TrunkService/Carry',
    (stream: Parameters<TrunkCallee['accept']>[0]) => trunks.accept(stream),
    passBytes,
    passBytes,
    'bidi',
  );
  const address = await bind(server, options.listen, options.tls);
  return {
    address,
    drain: async (timeoutMs) => {
      const startedMs = Date.now();
      await trunks.drain(timeoutMs);
      await shutDown(server, Math.max(0, timeoutMs - (Date.now() - startedMs)));
    },
  };
}
