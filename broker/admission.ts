import type { Metadata } from '@grpc/grpc-js';
import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { type Method, methods } from '#mesh/contract.ts';
import { type Locale, MeshError } from '#mesh/errors.ts';
import { quickRandomBytes } from '#mesh/random.ts';
import type { Peer } from '#mesh/spiffe.ts';
import { newTraceparent } from '#mesh/trace.ts';
import { type Caller, type Decided, grantBytesOf, refusedGrant } from './caller.ts';
import { rowsToRefund, rowsToReserve } from './cost.ts';
import { type Headers, localeOf, readHeaders } from './headers.ts';
import type { OperatorDesk, VerifiedOperator } from './operator/operator-desk.ts';
import type { Allowed, Decision, PolicyRequest, PolicyTime } from './policy/decide.ts';
import type { Address } from './policy/networks.ts';
import { decisionInput } from './policy/recorded-decision.ts';
import type { Held } from './policy/release-check.ts';
import type { Snapshot } from './policy/snapshot.ts';
import type { FloodGate } from './quota/flood-gate.ts';
import type { Debit, QuotaHolder } from './quota/quota-holder.ts';
import type { ShortTermLimits } from './quota/short-term-limits.ts';
import type { Subject } from './records.ts';

/** The policy in force at this moment. */
export interface PolicySource {
  current(): { readonly snapshot: Snapshot; readonly time: PolicyTime };
}

/** Everything that decides over a call. */
export interface AdmissionParts {
  readonly policy: PolicySource;
  readonly decide: (snapshot: Snapshot, request: PolicyRequest, time: PolicyTime) => Decision;
  readonly operators: Pick<OperatorDesk, 'verify'>;
  readonly flood: Pick<FloodGate, 'admits' | 'denied' | 'hold'>;
  readonly limits: Pick<ShortTermLimits, 'spend' | 'spendByStatute'>;
  readonly quota: Pick<QuotaHolder, 'debit'>;
  /** Share of traces that are sampled, 0 to 1. */
  readonly traceRatio: number;
}

/** A call at the door, known better step by step, so that its refusal can be recorded at any of them. */
export class Attempt {
  readonly callId = quickRandomBytes(16);
  readonly path: string;
  readonly method: Method | undefined;
  readonly traceparent: string;
  readonly locale: Locale;
  /** Where the connection comes from. */
  readonly address: Address | undefined;
  readonly #peer: Peer | undefined;
  readonly #metadata: Metadata;
  #isGated = false;
  caller: Caller | undefined;
  headers: Headers | undefined;
  operator: VerifiedOperator | undefined;
  decided: Decided | undefined;

  constructor(
    path: string,
    peer: Peer | undefined,
    address: Address | undefined,
    metadata: Metadata,
    traceRatio: number,
  ) {
    this.path = path;
    this.address = address;
    const method = methods.get(path);
    this.method = method?.policy.door === 'BROKER' ? method : undefined;
    // A caller's own traceparent is neither continued nor linked: its bytes are the caller's to choose, and 32 hex
    // digits hold a NIK.
    this.traceparent = newTraceparent(traceRatio);
    this.locale = localeOf(metadata);
    this.#peer = peer;
    this.#metadata = metadata;
  }

  /** Names the system over all brokers and permits, "opd/unit/system"; OPD and unit are empty for who is of none. */
  get system(): string {
    if (this.#peer?.kind === 'OPD') return `${this.#peer.opd}/${this.#peer.unit}/${this.#peer.system}`;
    return `//${this.#peer?.name ?? ''}`;
  }

  /**
   * Who calls, by the certificate alone. Throws IDENTITY_INVALID, CALLER_NOT_ALLOWED for a process of the mesh, or
   * RATE_LIMITED when the flood gate is closed.
   */
  enter(flood: Pick<FloodGate, 'admits'>): Caller {
    this.#isGated = !flood.admits(this.system);
    if (!this.#peer) throw new MeshError('IDENTITY_INVALID');
    if (this.#peer.kind !== 'OPD') throw new MeshError('CALLER_NOT_ALLOWED');
    this.caller = this.#peer;
    if (this.#isGated) throw new MeshError('RATE_LIMITED');
    return this.#peer;
  }

  /** The flood gate is closed: what is told is counted and held back, and not recorded. */
  get isGated(): boolean {
    return this.#isGated;
  }

  readHeaders(): Headers {
    this.headers = readHeaders(this.#metadata);
    return this.headers;
  }

  /** The method's path; "unknown" for one that is not ours, since its letters are the caller's to choose. */
  get name(): string {
    return this.method?.path ?? 'unknown';
  }

  /** What a record of this call says. */
  subject(): Subject {
    const grant: Grant = refusedGrant(this.callId, this.caller, this.headers, this.operator, this.decided);
    return { grant, method: this.name, traceparent: this.traceparent };
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
  /** Most rows of residents in the answer. */
  readonly rowCap: number;
  /** To be called once when the call has ended: gives back what it did not use and counts a wrong guess. */
  ended(outcome: Outcome): void;
}

/** How a call ended: with an answer, without having been forwarded, or nobody knows how. */
export type Outcome = { readonly rows: number; readonly wrongGuess: boolean } | 'NOT_FORWARDED' | 'UNKNOWN';

/**
 * Lets a call in or throws the MeshError that says why not: identity, flood, headers, operator, decision, short-term limits,
 * quota.
 * Synchronous but for the quota when more must be reserved.
 */
export async function admit(attempt: Attempt, body: Buffer, parts: AdmissionParts): Promise<Admitted> {
  const { system } = attempt;
  const caller = attempt.enter(parts.flood);
  const headers = attempt.readHeaders();
  const { snapshot, time } = parts.policy.current();
  if (headers.operator !== '') attempt.operator = parts.operators.verify(headers.operator, caller, snapshot, time);
  const { operator } = attempt;
  const request: PolicyRequest = {
    permit: headers.permit,
    opd: caller.opd,
    unit: caller.unit,
    method: attempt.path,
    purpose: headers.purpose,
    hasOperator: operator !== undefined,
    hasCaseNumber: headers.caseNumber !== '',
    system: caller.system,
    address: attempt.address,
    serial: caller.serial,
    operator: operator?.asserted,
    ...(operator && { operatorPseudonym: operator.pseudonym }),
  };
  const decided: Decided = {
    policyVersion: snapshot.version,
    input: time.live ? decisionInput(snapshot, request, time) : undefined,
    permit: '',
  };
  attempt.decided = decided;
  const decision = parts.decide(snapshot, request, time);
  if (!decision.allowed) throw new MeshError(decision.reason);
  decided.permit = decision.permit;
  const method = attempt.method;
  if (!method) throw new MeshError('METHOD_UNKNOWN');

  if (!decision.quota) await parts.limits.spendByStatute(system);
  const charge = decision.quota && (await chargeFor(method, { system, operator }, body, decision, parts));
  const rowCap = method.policy.cost.kind === 'AT_MOST' ? charge?.rows : undefined;
  return {
    method,
    caller,
    held: { snapshot, decision, request },
    rowCap: rowCap ?? decision.rowCap,
    grant: grantBytesOf(decision.grantBytes, attempt.callId, caller, headers, operator, rowCap, decided.input),
    ended: (outcome) => charge?.ended(outcome),
  };
}

/** What a call under a permit is charged before it is forwarded: its place in the short-term limits, rows of the day. */
async function chargeFor(
  method: Method,
  { system, operator }: { system: string; operator: VerifiedOperator | undefined },
  body: Buffer,
  { permit, quota, rowCap }: Allowed,
  { limits, quota: holder, policy }: AdmissionParts,
): Promise<{ rows: number; ended(outcome: Outcome): void }> {
  const perMinute = quota?.perMinute ?? 0;
  const guesses = method.name === 'VerifyResident';
  const spending = { permit, perMinute, system, operator: operator?.pseudonym ?? '', guesses };
  const { cost } = method.policy;
  const rows = rowsToReserve(cost, body, rowCap);
  const spent = await limits.spend(spending);
  let debit: Debit;
  try {
    // The limits may have been waited for, and without a lease nobody knows which day it is.
    if (!policy.current().time.live) throw new MeshError('POLICY_STALE');
    debit = await holder.debit(permit, rows);
  } catch (error) {
    spent.ended(false);
    throw error;
  }
  return {
    rows,
    ended: (outcome) => {
      const answered = typeof outcome === 'object';
      spent.ended(answered && outcome.wrongGuess);
      if (answered) debit.refund(rowsToRefund(cost, rows, outcome.rows));
      else if (outcome === 'NOT_FORWARDED') debit.refund(rows);
    },
  };
}
