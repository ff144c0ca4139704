import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { type Channel, connect, type MethodDefinition } from '../../mesh/client.ts';
import type { Method } from '../../mesh/contract.ts';
import type { Locale } from '../../mesh/errors.ts';
import { CliFailure } from '../failure.ts';
import type { Endpoints } from '../state/endpoints.ts';
import type { Layout } from '../state/layout.ts';
import { CallRefused, refusalOf } from './refusal.ts';

/** What a call tells beside its request. */
export interface CallSettings {
  /** Name of the purpose, e.g. "PELAYANAN_PUBLIK"; left out, none is sent. */
  purpose?: string;
  /** UUID of the permit to use. */
  permit?: string;
  caseNumber?: string;
  /** The operator's assertion, a JWT. */
  operator?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** An answer, and what the broker said beside it. */
export interface Answered<Res> {
  message: Res;
  /** UUID of the permit that was used, or "STATUTE". */
  permit: string;
  /** Index of the call's record in the audit log; empty when it has none of its own. */
  auditIndex: string;
}

/** A caller's connection to one broker. Its calls throw CallRefused. */
export class Caller {
  readonly #channel: Channel;
  readonly #address: string;
  readonly #locale: Locale;

  constructor(options: { address: string; tls: { ca: string; cert: string; key: string }; locale: Locale }) {
    this.#channel = connect({ address: options.address, peer: 'broker', tls: options.tls });
    this.#address = options.address;
    this.#locale = options.locale;
  }

  /** One request, one answer. */
  async call<Req, Res>(
    definition: MethodDefinition<Req, Res>,
    request: Req,
    settings: CallSettings,
  ): Promise<Answered<Res>> {
    let trailers = new Metadata();
    try {
      const message = await this.#channel.unary(definition, request, {
        ...this.#options(settings),
        onTrailers: (received) => {
          trailers = received;
        },
      });
      const trailer = (name: string) => trailers.get(name)[0]?.toString() ?? '';
      return { message, permit: trailer('rangkiang-permit'), auditIndex: trailer('rangkiang-audit-index') };
    } catch (error) {
      throw this.#refused((error as Error).cause as ServiceError);
    }
  }

  /** One request, many answers. Ends when the other side ends or `settings.signal` is aborted. */
  async *stream<Req, Res>(
    definition: MethodDefinition<Req, Res>,
    request: Req,
    settings: CallSettings,
  ): AsyncGenerator<Res> {
    try {
      yield* this.#channel.serverStream(definition, request, this.#options(settings));
    } catch (error) {
      if (!settings.signal?.aborted) throw this.#refused(error as ServiceError);
    }
  }

  /** Many requests, many answers. */
  duplex<Req, Res>(definition: MethodDefinition<Req, Res>, settings: CallSettings) {
    return this.#channel.duplex(definition, this.#options(settings));
  }

  close(): void {
    this.#channel.close();
  }

  #options(settings: CallSettings) {
    const metadata = new Metadata();
    metadata.set('accept-language', this.#locale);
    metadata.set('rangkiang-request-id', randomUUID());
    if (settings.purpose !== undefined) metadata.set('rangkiang-purpose', settings.purpose);
    if (settings.permit !== undefined) metadata.set('rangkiang-permit', settings.permit);
    if (settings.caseNumber !== undefined) metadata.set('rangkiang-case', settings.caseNumber);
    if (settings.operator !== undefined) metadata.set('rangkiang-operator', settings.operator);
    return { metadata, timeoutMs: settings.timeoutMs, signal: settings.signal };
  }

  #refused(error: ServiceError): CallRefused {
    return new CallRefused(refusalOf(error, this.#address, this.#locale), { cause: error });
  }
}

/**
 * Connects as one of the callers in `clients/`, to the broker with that number (1 is the first). Throws a failure that
 * names the wrong word when there is no such caller or broker.
 */
export async function connectAs(
  name: string,
  options: { layout: Layout; endpoints: Endpoints; broker?: number; locale: Locale },
): Promise<Caller> {
  const path = options.layout.client(name);
  const broker = options.endpoints.brokers[(options.broker ?? 1) - 1];
  if (!broker) {
    throw new CliFailure(
      { id: `Tidak ada broker nomor ${options.broker}.`, en: `There is no broker number ${options.broker}.` },
      2,
    );
  }
  const known = /^[A-Z][A-Z0-9_-]*$/.test(name) && (await exists(`${path}.crt`));
  if (!known) {
    throw new CliFailure(
      {
        id: `Tidak ada pemanggil "${name}". Nama-nama ada di ${options.layout.client('')}`,
        en: `There is no caller "${name}". The names are in ${options.layout.client('')}`,
      },
      2,
    );
  }
  return new Caller({
    address: broker.address,
    tls: { ca: options.layout.ca, cert: `${path}.crt`, key: `${path}.key` },
    locale: options.locale,
  });
}

/** A method whose messages stay bytes, as `printJson` and `parseJson` of the contract want them. */
export function rawDefinition(method: Method): MethodDefinition<Uint8Array, Buffer> {
  return {
    path: method.path,
    requestSerialize: (bytes) => Buffer.from(bytes),
    responseDeserialize: (bytes) => bytes,
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
