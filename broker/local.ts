import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { asMeshError, MeshError, toStatus } from '#mesh/errors.ts';
import { IncomingCall } from '#mesh/server/call.ts';
import { answerUnary, type DispatchOptions } from '#mesh/server/dispatch.ts';
import type { Implementation } from '#mesh/server/implementation.ts';
import type { Peer } from '#mesh/spiffe.ts';
import type { Answer, Forwarded, Onward } from './forward.ts';

const SELF: Peer = { kind: 'MESH', name: 'broker', notAfterMs: Number.POSITIVE_INFINITY };
const EMPTY = Buffer.alloc(0);

/** "Forwards" to what the broker answers itself, with the same rules, records and answers as any service. */
export function forwardToSelf(implementation: Implementation, options: DispatchOptions) {
  const served = new Map(implementation.map((entry) => [entry.method.path, entry]));
  return (body: Buffer, onward: Onward): Forwarded => {
    const entry = served.get(onward.path);
    if (!entry) throw new MeshError('METHOD_UNKNOWN');
    const { deadlineMs, traceparent } = onward;
    const grant = Grant.decode(onward.grant);
    const call = new IncomingCall({ method: entry.method, peer: SELF, grant, deadlineMs, traceparent });
    const answer = async (): Promise<Answer> => {
      let parts: Pick<Answer, 'body' | 'code' | 'message' | 'status'>;
      try {
        parts = { body: await answerUnary(entry, body, call, options), code: 0, message: '', status: EMPTY };
      } catch (error) {
        const { code, message, details } = toStatus(asMeshError(error), call.locale);
        parts = { body: EMPTY, code, message, status: details };
      }
      const auditIndexPlusOne = call.auditIndex === undefined ? 0n : call.auditIndex + 1n;
      return { ...parts, auditIndexPlusOne, rows: 0, wrongGuess: false };
    };
    return { answer: answer(), wasSent: () => true, cancel: () => call.cancel() };
  };
}
