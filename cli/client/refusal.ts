import { status as GrpcStatus, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Locale, Violation } from '../../mesh/errors.ts';
import { BadRequest, ErrorInfo, LocalizedMessage, RetryInfo } from '../../proto/gen/google/rpc/error_details.ts';
import { Status } from '../../proto/gen/google/rpc/status.ts';

/** Why a call was not answered, as a program or a person may read it. */
export interface Refusal {
  /** Name of the gRPC status code. */
  code: string;
  /** The reason of the closed list; empty when the broker gave none, or was not reached. */
  reason: string;
  /** What happened and what to do, in the caller's language. */
  text: string;
  violations: Violation[];
  /** When to ask again; absent when waiting does not help. */
  retryAfterMs?: number;
  /** Index of the record of the refusal, where one was written before the answer. */
  auditIndex?: string;
}

/** A call that was not answered. */
export class CallRefused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, options?: { cause?: unknown }) {
    super(`${refusal.reason || refusal.code}: ${refusal.text}`, options);
    this.refusal = refusal;
  }
}

/** Reads a failed call's status and its google.rpc details. `address` is the broker's, for the words when it is away. */
export function refusalOf(error: ServiceError, address: string, locale: Locale): Refusal {
  const trailers = error.metadata ?? new Metadata();
  const details = detailsOf(trailers);
  const info = details.get('ErrorInfo');
  const localized = details.get('LocalizedMessage');
  const fields = details.get('BadRequest');
  const retry = details.get('RetryInfo');
  const retryDelay = retry && RetryInfo.decode(retry).retryDelay;
  const auditIndex = trailers.get('rangkiang-audit-index')[0];
  return {
    code: GrpcStatus[error.code] ?? String(error.code),
    reason: info ? ErrorInfo.decode(info).reason : '',
    text: localized ? LocalizedMessage.decode(localized).message : ownText(error, address, locale),
    violations: fields
      ? BadRequest.decode(fields).fieldViolations.map(({ field, description }) => ({ field, description }))
      : [],
    ...(retryDelay && { retryAfterMs: Number(retryDelay.seconds) * 1000 + Math.ceil(retryDelay.nanos / 1e6) }),
    ...(auditIndex !== undefined && { auditIndex: auditIndex.toString() }),
  };
}

/** The details by the last part of their type's name. */
function detailsOf(trailers: Metadata): Map<string, Buffer> {
  const bytes = trailers.get('grpc-status-details-bin')[0];
  if (!Buffer.isBuffer(bytes)) return new Map();
  return new Map(Status.decode(bytes).details.map(({ typeUrl, value }) => [typeUrl.split('.').at(-1) ?? '', value]));
}

/** What we say when the broker itself said nothing. */
function ownText(error: ServiceError, address: string, locale: Locale): string {
  if (error.code !== GrpcStatus.UNAVAILABLE) return error.details || error.message;
  const text = {
    id: `Broker di ${address} tidak menjawab. Jalankan mesh dengan "npm start", atau coba broker lain dengan --broker.`,
    en: `The broker at ${address} does not answer. Start the mesh with "npm start", or try another broker with --broker.`,
  };
  return `${text[locale]} (${error.details})`;
}
