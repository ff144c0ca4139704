import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Method } from '../contract.ts';
import type { Locale } from '../errors.ts';
import { newDraft, type RecordDraft } from '../record.ts';
import type { Peer } from '../spiffe.ts';
import { traceIdOf } from '../trace.ts';

/** What a handler knows about the call that it answers. */
export interface CallContext {
  readonly method: Method;
  /** The process of the mesh at the other end. */
  readonly peer: Peer;
  /** What the broker grants; empty for calls that do not come from a broker. */
  readonly grant: Grant;
  /** Aborted when the caller gives up. */
  readonly signal: AbortSignal;
  /** When the caller stops waiting, milliseconds since 1970. */
  readonly deadlineMs: number;
  /** W3C trace context; empty when there is none. */
  readonly traceparent: string;
  /** 16 bytes. */
  readonly traceId: Buffer;
  readonly locale: Locale;
  /** What the handler tells about its answer, for the record. */
  readonly record: RecordDraft;
  /** Index of the answer's record. Set by the kit, and by handlers of class WRITE. */
  auditIndex?: bigint;
}

/** The call as it travels through the kit. */
export class IncomingCall implements CallContext {
  readonly method: Method;
  readonly peer: Peer;
  readonly grant: Grant;
  readonly deadlineMs: number;
  readonly traceparent: string;
  readonly record = newDraft();
  auditIndex?: bigint;
  #abort: AbortController | undefined;
  #cancelled = false;

  constructor(parts: { method: Method; peer: Peer; grant: Grant; deadlineMs: number; traceparent: string }) {
    this.method = parts.method;
    this.peer = parts.peer;
    this.grant = parts.grant;
    this.deadlineMs = parts.deadlineMs;
    this.traceparent = parts.traceparent;
  }

  get locale(): Locale {
    return this.grant.locale === 'en' ? 'en' : 'id';
  }

  get traceId(): Buffer {
    return traceIdOf(this.traceparent);
  }

  // Made when asked for: most handlers never look, and a controller costs 1 us.
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#cancelled) this.#abort.abort();
    return this.#abort.signal;
  }

  /** The caller gave up. */
  cancel(): void {
    this.#cancelled = true;
    this.#abort?.abort();
  }
}
