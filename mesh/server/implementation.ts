import { type Method, methods } from '../contract.ts';
import type { CallContext } from './call.ts';

/** A method as ts-proto generates it. */
interface Definition {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the parameter stands for every message type
  readonly requestDeserialize: (bytes: Buffer) => any;
  // biome-ignore lint/suspicious/noExplicitAny: the parameter stands for every message type
  readonly responseSerialize: (message: any) => Buffer;
}

type RequestOf<D extends Definition> = ReturnType<D['requestDeserialize']>;
type ResponseOf<D extends Definition> = Parameters<D['responseSerialize']>[0];

/** Answers one request. Throws MeshError for everything that the caller should understand. */
export type UnaryHandler<Req, Res> = (request: Req, call: CallContext) => Promise<Res>;

/**
 * Answers a stream (a server stream gets exactly one request). Ends the stream by returning or throwing. What it yields as
 * bytes is an answer that is already encoded, such as one that many streams share.
 */
export type StreamHandler<Req, Res> = (requests: AsyncIterable<Req>, call: CallContext) => AsyncIterable<Res | Buffer>;

type HandlerOf<D> = D extends Definition
  ? D extends { requestStream: false; responseStream: false }
    ? UnaryHandler<RequestOf<D>, ResponseOf<D>>
    : StreamHandler<RequestOf<D>, ResponseOf<D>>
  : never;

/** One handler for each method of a generated service definition, by its name there. */
export type HandlersOf<S> = { readonly [K in keyof S]: HandlerOf<S[K]> };

/** A method with its codec and handler, all over bytes' types erased. */
export interface Served {
  readonly method: Method;
  readonly decode: (bytes: Buffer) => unknown;
  readonly encode: (message: unknown) => Buffer;
  readonly unary?: UnaryHandler<unknown, unknown>;
  readonly stream?: StreamHandler<unknown, unknown>;
}

/** The methods of one service, ready to be served. */
export type Implementation = readonly Served[];

/** Binds handlers to a generated service definition, e.g. `implement(ResidentServiceService, { getResident, ... })`. */
export function implement<S extends Record<string, Definition>>(
  definition: S,
  handlers: HandlersOf<S>,
): Implementation {
  return Object.entries(definition).map(([name, { path, requestDeserialize, responseSerialize }]) => {
    const method = methods.get(path);
    if (!method) throw new Error(`the contract has no method ${path}`);
    const handler = handlers[name];
    const streaming = method.requestStream || method.responseStream;
    return {
      method,
      decode: requestDeserialize,
      encode: responseSerialize,
      ...(streaming
        ? { stream: handler as StreamHandler<unknown, unknown> }
        : { unary: handler as UnaryHandler<unknown, unknown> }),
    };
  });
}
