import { type status as GrpcStatus, Metadata } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, LocalizedMessage, RetryInfo } from '#gen/google/rpc/error_details.ts';
import { Status } from '#gen/google/rpc/status.ts';
import type { ErrorReason } from '#gen/rangkiang/type/v1/error_reason.ts';
import { errorTexts } from './error-texts.ts';

/** A reason of the closed list, without its prefix. */
export type Reason = Exclude<keyof typeof ErrorReason, 'UNSPECIFIED'>;
/** Languages of texts for people. */
export type Locale = 'id' | 'en';

/** What is wrong with one field. `field` is its path, "claims.nik"; `description` never holds its value. */
export interface Violation {
  readonly field: string;
  readonly description: string;
}

/** The one error type that reaches callers; everything else is INTERNAL to them. */
export class MeshError extends Error {
  readonly reason: Reason;
  readonly violations: readonly Violation[];
  readonly retryAfterMs: number | undefined;
  readonly values: Readonly<Record<string, string>>;

  /** `values` fill the {placeholders} of the reason's text: codes and names of the contract, never personal data. */
  constructor(
    reason: Reason,
    options: {
      violations?: readonly Violation[];
      retryAfterMs?: number;
      values?: Record<string, string>;
      cause?: unknown;
    } = {},
  ) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.violations = options.violations ?? [];
    this.retryAfterMs = options.retryAfterMs;
    this.values = options.values ?? {};
  }
}

/** The gRPC form of an error: code, message and the bytes of its google.rpc.Status. */
export interface StatusParts {
  readonly code: GrpcStatus;
  readonly message: string;
  readonly details: Buffer;
}

/** Domain of ErrorInfo. */
export const ERROR_DOMAIN = 'rangkiang.padang.go.id';

// A database that is away: refused or broken connections, SQLSTATE class 08, a server that stops or starts (57P01 to 57P03).
const AWAY_CODES = /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|08\w{3}|57P0[123])$/;
// pg gives no code for these.
const AWAY_TEXTS = /^(Connection terminated|timeout exceeded when trying to connect)/;

function isAway(error: Error & { code?: unknown }): boolean {
  return AWAY_CODES.test(String(error.code)) || AWAY_TEXTS.test(error.message);
}

/**
 * What we tell for any thrown value: a MeshError as itself, an abort as CANCELLED, a database that is away as
 * SERVICE_UNAVAILABLE, all else as INTERNAL.
 */
export function asMeshError(error: unknown): MeshError {
  if (error instanceof MeshError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new MeshError('CANCELLED', { cause: error });
  if (error instanceof Error && isAway(error)) return new MeshError('SERVICE_UNAVAILABLE', { cause: error });
  return new MeshError('INTERNAL', { cause: error });
}

/** The text of a reason in a language, its placeholders filled. */
export function reasonText(reason: Reason, locale: Locale, values: Readonly<Record<string, string>> = {}): string {
  return errorTexts[reason][locale].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

function any(typeName: string, value: Uint8Array): { typeUrl: string; value: Buffer } {
  return { typeUrl: `type.googleapis.com/${typeName}`, value: Buffer.from(value) };
}

/** Turns a MeshError into a gRPC status with google.rpc details. The only place where this is done. */
export function toStatus(error: MeshError, locale: Locale): StatusParts {
  const text = reasonText(error.reason, locale, error.values);
  const { code, retryAfterMs: usualRetryAfterMs } = errorTexts[error.reason];
  const retryAfterMs = error.retryAfterMs ?? usualRetryAfterMs;
  const details = [
    any(
      'google.rpc.ErrorInfo',
      ErrorInfo.encode({
        reason: error.reason,
        domain: ERROR_DOMAIN,
        metadata: new Map(Object.entries(error.values)),
      }).finish(),
    ),
    any('google.rpc.LocalizedMessage', LocalizedMessage.encode({ locale, message: text }).finish()),
  ];
  if (error.violations.length > 0) {
    const fieldViolations = error.violations.map((violation) => ({
      ...violation,
      reason: '',
      localizedMessage: undefined,
    }));
    details.push(any('google.rpc.BadRequest', BadRequest.encode({ fieldViolations }).finish()));
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = { seconds: BigInt(Math.floor(retryAfterMs / 1000)), nanos: (retryAfterMs % 1000) * 1e6 };
    details.push(any('google.rpc.RetryInfo', RetryInfo.encode({ retryDelay }).finish()));
  }
  const fields = error.violations.map((violation) => `${violation.field}: ${violation.description}`).join('; ');
  const message = fields ? `${text} (${fields})` : text;
  return { code, message, details: Status.encode({ code, message, details }).finish() };
}

/** A status as grpc-js wants it thrown or sent. */
export function toGrpcError(parts: StatusParts, trailers = new Metadata()) {
  trailers.set('grpc-status-details-bin', parts.details);
  return { code: parts.code, details: parts.message, metadata: trailers };
}

/** The reason that a peer of the mesh gave, from the bytes of its google.rpc.Status; undefined when it gave none. */
export function reasonOf(details: Uint8Array): Reason | undefined {
  if (details.length === 0) return undefined;
  try {
    for (const detail of Status.decode(details).details) {
      if (!detail.typeUrl.endsWith('/google.rpc.ErrorInfo')) continue;
      const info = ErrorInfo.decode(detail.value);
      if (info.domain === ERROR_DOMAIN && Object.hasOwn(errorTexts, info.reason)) return info.reason as Reason;
    }
  } catch {
    // Bytes that are no Status tell no reason.
  }
  return undefined;
}
