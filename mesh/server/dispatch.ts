import { randomBytes } from 'node:crypto';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { validate } from '../contract.ts';
import { asMeshError, MeshError } from '../errors.ts';
import { type Appender, makeEntry, newDraft } from '../record.ts';
import { durationMs } from '../telemetry.ts';
import { startStep } from '../trace.ts';
import type { IncomingCall } from './call.ts';
import type { Served } from './implementation.ts';

/** Shared by all calls of one process. */
export interface DispatchOptions {
  /** Name of the process, the `writer` of its records. */
  readonly name: string;
  /** Needed when any served method is recorded. */
  readonly audit: Appender | undefined;
  /** Told of every fault that callers only see as INTERNAL. */
  readonly onFault: (error: unknown, path: string) => void;
}

const duration = durationMs('rangkiang.service.duration', 'Time from a request to its answer, the record included');

function needsRecord({ method }: Served): boolean {
  return method.policy.auditClass === 'DISCLOSURE' || method.policy.auditClass === 'READ';
}

async function commitRecord(call: IncomingCall, kind: Kind, reason: string, options: DispatchOptions): Promise<void> {
  if (!options.audit) throw new MeshError('AUDIT_UNAVAILABLE');
  const { method, traceId } = call;
  const facts = { kind, method: method.path, writer: options.name, traceId, reason };
  const entry = makeEntry(call.grant, call.record, facts);
  call.auditIndex = (await options.audit.append(entry)).index;
}

/**
 * The record of a failed write or stream. It has an event id of its own: the call's id belongs to what the handler may
 * have put into its outbox, and a second entry under it would be taken for a repetition.
 */
async function commitFailure(call: IncomingCall, failure: MeshError, options: DispatchOptions): Promise<void> {
  if (call.auditIndex !== undefined || failure.reason === 'AUDIT_UNAVAILABLE') return;
  if (!options.audit) throw new MeshError('AUDIT_UNAVAILABLE');
  const { method, traceId, grant } = call;
  const entry = makeEntry(grant, newDraft(), {
    kind: kindOfFailure(failure),
    method: method.path,
    writer: options.name,
    traceId,
    reason: failure.reason,
    eventId: randomBytes(16),
    refersTo: grant.callId,
  });
  call.auditIndex = (await options.audit.append(entry)).index;
}

function kindOfFailure(error: MeshError): Kind {
  return error.reason.endsWith('_NOT_FOUND') ? Kind.EMPTY : Kind.FAILED;
}

/**
 * Answers a unary call, whichever way it came: its bytes in, the answer's bytes out.
 *
 * 1. in time? 2. rules of the request's fields 3. handler 4. record, committed 5. answer.
 * The record comes before the answer also when the handler fails: without it every status becomes AUDIT_UNAVAILABLE.
 */
export async function answerUnary(
  served: Served,
  body: Buffer,
  call: IncomingCall,
  options: DispatchOptions,
): Promise<Buffer> {
  const { method } = served;
  const step = startStep(method.path, 'SERVER', call.traceparent);
  const startedMs = performance.now();
  try {
    let answer: Buffer | undefined;
    let failure: MeshError | undefined;
    try {
      if (call.deadlineMs <= Date.now()) throw new MeshError('DEADLINE_EXCEEDED');
      validate(method.requestType, body);
      answer = served.encode(await served.unary?.(served.decode(body), call));
    } catch (error) {
      failure = asMeshError(error);
      if (failure.reason === 'INTERNAL') options.onFault(error, method.path);
    }
    if (needsRecord(served)) {
      const usual = method.policy.auditClass === 'DISCLOSURE' ? Kind.DISCLOSED : Kind.READ;
      const kind = failure ? kindOfFailure(failure) : (call.record.kind ?? usual);
      await commitRecord(call, kind, failure?.reason ?? '', options);
    } else if (failure && method.policy.auditClass === 'WRITE') {
      await commitFailure(call, failure, options);
    }
    if (failure) throw failure;
    step.end({ 'rpc.grpc.status_code': 0 });
    duration(performance.now() - startedMs, { 'rpc.method': method.path });
    return answer as Buffer;
  } catch (error) {
    const failure = asMeshError(error);
    duration(performance.now() - startedMs, { 'rpc.method': method.path, reason: failure.reason });
    step.end({ reason: failure.reason }, failure.reason);
    throw failure;
  }
}

/** Decodes and checks the messages of a request stream. */
async function* requests(served: Served, bodies: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  for await (const body of bodies) {
    validate(served.method.requestType, body);
    yield served.decode(body);
  }
}

/** Answers a stream. The records of what it answers are the handler's own: one per chunk, or when a watch opens and closes. */
export async function* answerStream(
  served: Served,
  bodies: AsyncIterable<Buffer>,
  call: IncomingCall,
  options: DispatchOptions,
): AsyncGenerator<Buffer> {
  const step = startStep(served.method.path, 'SERVER', call.traceparent);
  try {
    for await (const message of served.stream?.(requests(served, bodies), call) ?? []) {
      yield Buffer.isBuffer(message) ? message : served.encode(message);
    }
    step.end({ 'rpc.grpc.status_code': 0 });
  } catch (error) {
    let failure = asMeshError(error);
    if (failure.reason === 'INTERNAL') options.onFault(error, served.method.path);
    if (served.method.policy.auditClass !== 'NONE' && failure.reason !== 'CANCELLED') {
      await commitFailure(call, failure, options).catch((unrecorded) => {
        failure = asMeshError(unrecorded);
      });
    }
    step.end({ reason: failure.reason }, failure.reason);
    throw failure;
  }
}
