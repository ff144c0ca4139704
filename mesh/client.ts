import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  status as GrpcStatus,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { MeshError, reasonOf } from './errors.ts';
import { TRUST_DOMAIN } from './spiffe.ts';
import { clientCredentials, type TlsFiles } from './tls.ts';

/** A method as ts-proto generates it, as far as a client needs it. */
export interface MethodDefinition<Req, Res> {
  readonly path: string;
  readonly requestSerialize: (message: Req) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Res;
}

/** What a caller may set. */
export interface CallOptions {
  readonly timeoutMs?: number;
  readonly metadata?: Metadata;
  readonly signal?: AbortSignal;
  /** Told of the trailers of a unary answer. */
  readonly onTrailers?: (trailers: Metadata) => void;
}

/** One process of the mesh, called over mTLS. */
export interface Channel {
  /** Rejects with the MeshError that the other side gave; SERVICE_UNAVAILABLE when it does not answer. */
  unary<Req, Res>(definition: MethodDefinition<Req, Res>, request: Req, options?: CallOptions): Promise<Res>;
  /** A stream both ways. Its 'error' event carries grpc's ServiceError; see `asMeshError`. */
  duplex<Req, Res>(definition: MethodDefinition<Req, Res>, options?: CallOptions): ClientDuplexStream<Req, Res>;
  /** One request, many answers. */
  serverStream<Req, Res>(
    definition: MethodDefinition<Req, Res>,
    request: Req,
    options?: CallOptions,
  ): ClientReadableStream<Res>;
  close(): void;
}

/** The MeshError behind a grpc ServiceError: the other side's reason, or what the code says where it gave none. */
export function meshErrorOf(error: ServiceError): MeshError {
  const details = error.metadata?.get('grpc-status-details-bin')[0];
  const reason = Buffer.isBuffer(details) ? reasonOf(details) : undefined;
  if (reason) return new MeshError(reason, { cause: error });
  switch (error.code) {
    case GrpcStatus.DEADLINE_EXCEEDED:
      return new MeshError('DEADLINE_EXCEEDED', { cause: error });
    case GrpcStatus.CANCELLED:
      return new MeshError('CANCELLED', { cause: error });
    case GrpcStatus.UNAVAILABLE:
      return new MeshError('SERVICE_UNAVAILABLE', { cause: error });
    default:
      return new MeshError('INTERNAL', { cause: error });
  }
}

function grpcOptions(options: CallOptions | undefined) {
  return options?.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs };
}

function bind(call: { cancel(): void }, signal: AbortSignal | undefined): void {
  if (signal?.aborted) call.cancel();
  else signal?.addEventListener('abort', () => call.cancel(), { once: true });
}

/**
 * Connects to the process `peer` at `address` (host:port), when the first call needs it and again after each break.
 * The other side must show the SPIFFE id of that process.
 */
export function connect(target: { address: string; peer: string; tls: TlsFiles }): Channel {
  const client = new Client(target.address, clientCredentials(target.tls, target.peer), {
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.min_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 250,
    // A peer that vanished without a word is noticed within 8 s, on streams that carry nothing as well.
    'grpc.keepalive_time_ms': 5_000,
    'grpc.keepalive_timeout_ms': 3_000,
    // An IP address is no TLS server name (RFC 6066); the SPIFFE id is what counts.
    'grpc.ssl_target_name_override': `${target.peer}.${TRUST_DOMAIN}`,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_channelz': 0,
  });
  return {
    unary: (definition, request, options) =>
      new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(
          definition.path,
          definition.requestSerialize,
          definition.responseDeserialize,
          request,
          options?.metadata ?? new Metadata(),
          grpcOptions(options),
          (error, answer) => (error ? reject(meshErrorOf(error)) : resolve(answer as NonNullable<typeof answer>)),
        );
        call.on('status', ({ metadata }) => options?.onTrailers?.(metadata));
        bind(call, options?.signal);
      }),
    duplex: (definition, options) => {
      const call = client.makeBidiStreamRequest(
        definition.path,
        definition.requestSerialize,
        definition.responseDeserialize,
        options?.metadata ?? new Metadata(),
        grpcOptions(options),
      );
      bind(call, options?.signal);
      return call;
    },
    serverStream: (definition, request, options) => {
      const call = client.makeServerStreamRequest(
        definition.path,
        definition.requestSerialize,
        definition.responseDeserialize,
        request,
        options?.metadata ?? new Metadata(),
        grpcOptions(options),
      );
      bind(call, options?.signal);
      return call;
    },
    close: () => client.close(),
  };
}
