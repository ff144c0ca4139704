import { status as GrpcStatus, Metadata } from '@grpc/grpc-js';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { errorTexts } from '#mesh/error-texts.ts';
import { asMeshError, MeshError, toGrpcError, toStatus } from '#mesh/errors.ts';
import { durationMs } from '#mesh/telemetry.ts';
import { startStep } from '#mesh/trace.ts';
import { type AdmissionParts, type Admitted, type Attempt, admit } from './admission.ts';
import { isWithin, limitsOf } from './answer-check.ts';
import type { Answer, Forwarded, Onward } from './forward.ts';
import type { OpenStreams } from './open-streams.ts';
import { mayRelease } from './policy/release-check.ts';
import type { BrokerRecords } from './records.ts';

const duration = durationMs('rangkiang.broker.duration', 'Time from a request at the door to its answer');

/** What ends a call at the door, ready for grpc. */
export type Refusal = ReturnType<typeof toGrpcError>;

/** Everything that the door needs to carry a call through. */
export interface CallParts extends AdmissionParts {
  readonly records: BrokerRecords;
  readonly streams: OpenStreams;
  /** Told of faults that callers only see as INTERNAL. */
  readonly onFault: (error: unknown, path: string) => void;
}

/** Trailers of an answer: where its record is and which permit carried it. */
export function trailersOf(auditIndex: bigint | undefined, permit: string): Metadata {
  const trailers = new Metadata();
  if (auditIndex !== undefined) trailers.set('rangkiang-audit-index', String(auditIndex));
  if (permit !== '') trailers.set('rangkiang-permit', permit);
  return trailers;
}

/**
 * Ends a call that is not answered by a service: records it, waits until that is committed, and only then tells the
 * caller. Without the record the status is AUDIT_UNAVAILABLE.
 */
export async function refuse(
  attempt: Attempt,
  error: unknown,
  kind: 'DENIED' | 'FAILED',
  parts: CallParts,
): Promise<Refusal> {
  let failure = asMeshError(error);
  if (failure.reason === 'INTERNAL') parts.onFault(error, attempt.name);
  let index: bigint | undefined;
  // Who floods us with denials is not recorded call by call: the gate counts it (see flood).
  if (attempt.isGated) {
    await parts.flood.hold();
  } else {
    // What the mesh itself lacks (a lease, a service) is not held against the caller.
    const isCallers = errorTexts[failure.reason].code !== GrpcStatus.UNAVAILABLE;
    if (kind === 'DENIED' && isCallers) parts.flood.denied(attempt.system);
    try {
      index = await parts.records.ended(attempt.subject(), kind, failure);
    } catch (cause) {
      failure = new MeshError('AUDIT_UNAVAILABLE', { cause });
    }
  }
  return toGrpcError(toStatus(failure, attempt.locale), trailersOf(index, ''));
}

/** What goes with a forwarded call. */
export function onwardOf(attempt: Attempt, admitted: Admitted, deadlineMs: number, traceparent: string): Onward {
  return { path: attempt.path, grant: admitted.grant, traceparent, deadlineMs, queue: admitted.caller.opd };
}

/** A call may have waited for limits and quota: what was touched meanwhile is not asked of any service. */
function assertForward({ held, ended }: Admitted, { policy }: CallParts): void {
  const { snapshot, time } = policy.current();
  const verdict = mayRelease(held, snapshot, time);
  if (verdict === 'RELEASE') return;
  ended('NOT_FORWARDED');
  throw new MeshError(verdict);
}

/** Whether the answer may leave in this very turn. Throws what the caller gets instead, after noting the dropped answer. */
export function assertRelease(attempt: Attempt, admitted: Admitted, parts: CallParts): void {
  const { snapshot, time } = parts.policy.current();
  const verdict = mayRelease(admitted.held, snapshot, time);
  if (verdict === 'RELEASE') return;
  parts.records.note(attempt.subject(), Kind.WITHHELD, verdict);
  throw new MeshError(verdict);
}

async function answerOf(attempt: Attempt, forwarded: Forwarded, admitted: Admitted, parts: CallParts): Promise<Answer> {
  try {
    return await forwarded.answer;
  } catch (error) {
    const sent = forwarded.wasSent();
    admitted.ended(sent ? 'UNKNOWN' : 'NOT_FORWARDED');
    if (sent) parts.records.note(attempt.subject(), Kind.UNKNOWN, asMeshError(error).reason);
    throw error;
  }
}

/** Classes whose answers leave only with the index of their record. */
const recordedClasses: ReadonlySet<string> = new Set(['DISCLOSURE', 'READ']);

/**
 * What is wrong with an answer that a service gave, whatever the service says of it: it tells something, also that nobody is
 * there, without a record, or more than was granted. Undefined when nothing is.
 */
function faultOf(answer: Answer, { method, held, rowCap }: Admitted): MeshError | undefined {
  const tells = answer.code === GrpcStatus.OK || answer.code === GrpcStatus.NOT_FOUND;
  if (tells && answer.auditIndexPlusOne === 0n && recordedClasses.has(method.policy.auditClass)) {
    return new MeshError('AUDIT_UNAVAILABLE', { cause: new Error('a service answered without a record') });
  }
  if (answer.code !== GrpcStatus.OK) return undefined;
  const limits = limitsOf(held.decision.terms);
  if (isWithin(method.responseType, answer.body, limits, rowCap)) return undefined;
  return new MeshError('INTERNAL', { cause: new Error('a service answered more than was granted') });
}

/**
 * Carries one unary call: admission, forwarding, release check. `deliver` runs in the same turn as the release check, so
 * nothing can change between the two.
 */
export async function carryUnary(
  attempt: Attempt,
  body: Buffer,
  deadlineMs: number,
  forward: (body: Buffer, onward: Onward) => Forwarded,
  hooks: {
    started(forwarded: Forwarded): void;
    deliver(refusal: Refusal | null, body?: Buffer, trailers?: Metadata): void;
  },
  parts: CallParts,
): Promise<void> {
  const step = startStep(attempt.name, 'SERVER', attempt.traceparent);
  const startedMs = performance.now();
  const measure = (reason: string) =>
    duration(performance.now() - startedMs, { 'rpc.method': attempt.name, opd: attempt.caller?.opd ?? '', reason });
  let kind: 'DENIED' | 'FAILED' = 'DENIED';
  try {
    const admitted = await admit(attempt, body, parts);
    assertForward(admitted, parts);
    kind = 'FAILED';
    const forwarded = forward(body, onwardOf(attempt, admitted, deadlineMs, step.traceparent));
    hooks.started(forwarded);
    const answer = await answerOf(attempt, forwarded, admitted, parts);
    // From here to `deliver` there is no await.
    const fault = faultOf(answer, admitted);
    admitted.ended(fault ? 'UNKNOWN' : answer);
    if (fault) {
      parts.records.note(attempt.subject(), Kind.WITHHELD, fault.reason);
      throw fault;
    }
    const { permit } = admitted.held.decision;
    const index = answer.auditIndexPlusOne === 0n ? undefined : answer.auditIndexPlusOne - 1n;
    assertRelease(attempt, admitted, parts);
    if (answer.code === 0) {
      hooks.deliver(null, answer.body, trailersOf(index, permit));
    } else {
      const trailers = trailersOf(index, permit);
      const status = { code: answer.code, message: answer.message, details: answer.status };
      hooks.deliver(toGrpcError(status, trailers));
    }
    step.end({ opd: admitted.caller.opd, unit: admitted.caller.unit, 'rpc.grpc.status_code': answer.code });
    measure(answer.code === 0 ? '' : 'REFUSED_BY_SERVICE');
  } catch (error) {
    const refusal = await refuse(attempt, error, kind, parts);
    hooks.deliver(refusal);
    const { reason } = asMeshError(error);
    step.end({ opd: attempt.caller?.opd ?? '', unit: attempt.caller?.unit ?? '', reason }, reason);
    measure(reason);
  }
}
