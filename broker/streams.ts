import { Metadata, type ServerDuplexStream, type ServerWritableStream, type ServiceError } from '@grpc/grpc-js';
import { meshErrorOf } from '#mesh/client.ts';
import { asMeshError, MeshError, toGrpcError } from '#mesh/errors.ts';
import { outflow } from '#mesh/outflow.ts';
import { startStep } from '#mesh/trace.ts';
import { type Attempt, admit } from './admission.ts';
import { assertRelease, type CallParts, onwardOf, refuse, trailersOf } from './calls.ts';
import { type Forwarder, statusOf } from './forward.ts';
import { mayRelease } from './policy/release-check.ts';

type Incoming = ServerDuplexStream<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

const EMPTY = Buffer.alloc(0);

function passRequests(call: Incoming, upstream: ReturnType<Forwarder['stream']>): void {
  if ('request' in call) {
    upstream.end(call.request);
    return;
  }
  call.on('data', (body: Buffer) => {
    if (upstream.write(body)) return;
    call.pause();
    upstream.once('drain', () => call.resume());
  });
  call.on('end', () => upstream.end());
}

/**
 * Carries one stream: admission once, then every message passes the release check in the turn in which it leaves, and the
 * stream ends when a policy comes that no longer gives the identical grant, also when no message is due. The pace is that
 * of the slower side in both directions.
 */
export async function carryStream(
  attempt: Attempt,
  call: Incoming,
  deadlineMs: number,
  forwarder: Pick<Forwarder, 'stream'>,
  parts: CallParts,
): Promise<void> {
  const step = startStep(attempt.name, 'SERVER', attempt.traceparent);
  const end = async (error: unknown, kind: 'DENIED' | 'FAILED') => {
    call.emit('error', await refuse(attempt, error, kind, parts));
    const { reason } = asMeshError(error);
    step.end({ opd: attempt.caller?.opd ?? '', reason }, reason);
  };
  let admitted: Awaited<ReturnType<typeof admit>>;
  try {
    admitted = await admit(attempt, EMPTY, parts);
  } catch (error) {
    await end(error, 'DENIED');
    return;
  }
  const upstream = forwarder.stream(onwardOf(attempt, admitted, deadlineMs, step.traceparent));
  const write = outflow(call, () => upstream.resume());
  const { permit } = admitted.held.decision;
  let ended = false;
  const once = (finish: () => void) => {
    if (ended) return;
    ended = true;
    leave();
    admitted.ended({ rows: 0, wrongGuess: false });
    finish();
  };
  const leave = parts.streams.enter(() => {
    const { snapshot, time } = parts.policy.current();
    if (mayRelease(admitted.held, snapshot, time) !== 'PERMIT_CHANGED') return;
    once(() => void end(new MeshError('PERMIT_CHANGED'), 'FAILED'));
    upstream.cancel();
  });
  call.on('cancelled', () => once(() => upstream.cancel()));
  // Tells the caller that it is let in, also when nothing is to be told yet.
  upstream.on('metadata', () => call.sendMetadata(new Metadata()));
  upstream.on('data', (body: Buffer) => {
    try {
      assertRelease(attempt, admitted, parts);
    } catch (error) {
      once(() => void end(error, 'FAILED'));
      upstream.cancel();
      return;
    }
    if (!ended && !write(body)) upstream.pause();
  });
  upstream.on('end', () =>
    once(() => {
      call.end(trailersOf(undefined, permit));
      step.end({ opd: admitted.caller.opd, 'rpc.grpc.status_code': 0 });
    }),
  );
  upstream.on('error', (error: ServiceError) =>
    once(() => {
      const answer = statusOf(error);
      if (!answer) {
        void end(meshErrorOf(error), 'FAILED');
        return;
      }
      const index = answer.auditIndexPlusOne === 0n ? undefined : answer.auditIndexPlusOne - 1n;
      const status = { code: answer.code, message: answer.message, details: answer.status };
      call.emit('error', toGrpcError(status, trailersOf(index, permit)));
      step.end({ opd: admitted.caller.opd, 'rpc.grpc.status_code': answer.code });
    }),
  );
  passRequests(call, upstream);
}
