import { randomFillSync } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { type Method, methods } from '#mesh/contract.ts';
import { type Locale, MeshError } from '#mesh/errors.ts';
import type { Peer } from '#mesh/spiffe.ts';
import { newTraceparent } from '#mesh/trace.ts';
import { type Caller, grantBytesOf, refusedGrant } from './caller.ts';
import { rowsToRefund, rowsToReserve } from './cost.ts';
import { type Headers, localeOf, readHeaders } from './headers.ts';
import type { Decision, PolicyRequest, PolicyTime } from './policy/decide.ts';
import type { Held } from './policy/release-check.ts';
import type { Snapshot } from './policy/snapshot.ts';
import type { Subject } from './records.ts';

/** The policy in force at this moment. */
export interface PolicySource {
  current(): { readonly snapshot: Snapshot; readonly time: PolicyTime };
}

/** Refuses systems whose denials flood us, before any decision. */
export interface Flood {
  /** Whether a call of this system may be decided. */
  admits(system: string): boolean;
  denied(system: string): void;
}

/** Short-term limits: calls in a minute of a permit, wrong guesses in an hour of a system. */
export interface Limits {
  /** Throws MeshError RATE_LIMITED or GUESS_LIMIT. */
  spend(use: { permit: string; perMinute: number; system: string; guesses: boolean }): void;
  wrongGuess(system: string): void;
}

/** The daily quota of permits. */
export interface Quota {
  /** Takes rows now when a reservation holds them, else after reserving more. Throws MeshError QUOTA_EXCEEDED. */
  debit(permit: string, perDay: number, rows: number): void | Promise<void>;
  refund(permit: string, rows: number): void;
}

/** Everything that decides over a call. */
export interface AdmissionParts {
  readonly policy: PolicySource;
  readonly decide: (snapshot: Snapshot, request: PolicyRequest, time: PolicyTime) => Decision;
  readonly flood: Flood;
  readonly limits: Limits;
  readonly quota: Quota;
  /** Share of traces that are sampled, 0 to 1. */
  readonly traceRatio: number;
}

/** A call at the door, known better step by step, so that its refusal can be recorded at any of them. */
export class Attempt {
  readonly callId = randomFillSync(Buffer.allocUnsafe(16));
  readonly path: string;
  readonly method: Method | undefined;
  readonly traceparent: string;
  readonly locale: Locale;
  readonly #peer: Peer | undefined;
  readonly #metadata: Metadata;
  caller: Caller | undefined;
  headers: Headers | undefined;

  constructor(path: string, peer: Peer | undefined, metadata: Metadata, traceRatio: number) {
    this.path = path;
    const method = methods.get(path);
    this.method = method?.policy.door === 'BROKER' ? method : undefined;
    // A caller's own traceparent is neither continued nor linked: its bytes are the caller's to choose, and 32 hex
    // digits hold a NIK.
    this.traceparent = newTraceparent(traceRatio);
    this.locale = localeOf(metadata);
    this.#peer = peer;
    this.#metadata = metadata;
  }

  /** Who calls, by the certificate alone. Throws IDENTITY_INVALID, or CALLER_NOT_ALLOWED for a process of the mesh. */
  identify(): Caller {
    if (!this.#peer) throw new MeshError('IDENTITY_INVALID');
    if (this.#peer.kind !== 'OPD') throw new MeshError('CALLER_NOT_ALLOWED');
    this.caller = this.#peer;
    return this.#peer;
  }

  readHeaders(): Headers {
    this.headers = readHeaders(this.#metadata);
    return this.headers;
  }

  /** What a record of this call says. */
  subject(): Subject {
    const grant: Grant = refusedGrant(this.callId, this.caller, this.headers);
    return { grant, method: this.method?.path ?? 'unknown', traceparent: this.traceparent };
  }
}

/** A call that may be forwarded. */
export interface Admitted {
  readonly method: Method;
  readonly caller: Caller;
  /** For the release check. */
  readonly held: Held;
  /** Bytes of the mesh.v1.Grant to hand on. */
  readonly grant: Buffer;
  /** Gives back what the answer did not use: its rows, or everything when nothing was forwarded. */
  settle(outcome: { rows: number } | 'NOT_FORWARDED'): void;
}

/** Names a system over all brokers and permits. */
export function systemKey(caller: Caller): string {
  return `${caller.opd}/${caller.unit}/${caller.system}`;
}

/**
 * Lets a call in or throws the MeshError that says why not: identity, flood, headers, decision, short-term limits, quota.
 * Synchronous but for the quota when more must be reserved.
 */
export async function admit(attempt: Attempt, body: Buffer, parts: AdmissionParts): Promise<Admitted> {
  const caller = attempt.identify();
  const system = systemKey(caller);
  if (!parts.flood.admits(system)) throw new MeshError('RATE_LIMITED');
  const headers = attempt.readHeaders();
  const request: PolicyRequest = {
    permit: headers.permit,
    opd: caller.opd,
    unit: caller.unit,
    method: attempt.path,
    purpose: headers.purpose,
    hasOperator: false,
    hasCaseNumber: headers.caseNumber !== '',
  };
  const { snapshot, time } = parts.policy.current();
  const decision = parts.decide(snapshot, request, time);
  if (!decision.allowed) throw new MeshError(decision.reason);
  const method = attempt.method;
  if (!method) throw new MeshError('METHOD_UNKNOWN');

  const { permit, quota } = decision;
  let reserved = 0;
  if (quota) {
    parts.limits.spend({ permit, perMinute: quota.perMinute, system, guesses: method.name === 'VerifyResident' });
    reserved = rowsToReserve(method.policy.cost, body, decision.rowCap);
    await parts.quota.debit(permit, quota.perDay, reserved);
  }
  const rowCap = method.policy.cost.kind === 'AT_MOST' ? reserved : undefined;
  return {
    method,
    caller,
    held: { snapshot, decision, request },
    grant: grantBytesOf(decision.grantBytes, attempt.callId, caller, headers, rowCap),
    settle: (outcome) => {
      if (!quota) return;
      const unused = outcome === 'NOT_FORWARDED' ? reserved : rowsToRefund(method.policy.cost, reserved, outcome.rows);
      if (unused > 0) parts.quota.refund(permit, unused);
    },
  };
}
