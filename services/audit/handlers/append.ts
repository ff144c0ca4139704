import { setImmediate } from 'node:timers/promises';
import type { AppendRequest, AppendResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { MeshError } from '#mesh/errors.ts';
import type { Logger } from '#mesh/log.ts';
import type { CallContext } from '#mesh/server.ts';
import { Answers } from '../domain/answers.ts';
import type { LogWriter } from '../domain/log-writer.ts';

// A hundred residents take 2 ms to seal. A message may hold fifty chunks of 500: all in one turn, nobody would be answered for
// half a second.
const MANY_SUBJECTS = 100;

/**
 * Append. A request is read only while the log takes entries: a full or failing log holds back its writers by flow control,
 * and an unanswered probe tells them. When the service stops, what was read is still acknowledged.
 */
export function append(writer: LogWriter, heads: { readonly checkpoint: string }, stopping: AbortSignal, log: Logger) {
  async function read(requests: AsyncIterable<AppendRequest>, answers: Answers): Promise<void> {
    for await (const { entries } of requests) {
      await writer.room();
      if (stopping.aborted) return;
      if (entries.length === 0) answers.probe();
      for (const entry of entries) {
        if (entry.subjects.length >= MANY_SUBJECTS) await setImmediate();
        answers.expect(entry, writer.write(entry));
      }
    }
  }

  return async function* (requests: AsyncIterable<AppendRequest>, call: CallContext): AsyncGenerator<AppendResponse> {
    const answers = new Answers();
    let readsOn = true;
    const stopReading = () => {
      readsOn = false;
      answers.news.open();
    };
    AbortSignal.any([call.signal, stopping]).addEventListener('abort', stopReading);
    read(requests, answers).then(stopReading, (error: unknown) => answers.fail(error));

    let told = '';
    while (!call.signal.aborted) {
      await answers.news.pass();
      const response = answers.take();
      for (const { message } of response?.refusals ?? [])
        log.error({ peer: call.peer, refusal: message }, 'entry refused');
      if (response) {
        const { checkpoint } = heads;
        yield { ...response, checkpoint: checkpoint === told ? '' : checkpoint };
        told = checkpoint;
      }
      if (answers.failure) throw new MeshError('AUDIT_UNAVAILABLE', { cause: answers.failure });
      if (!readsOn && answers.outstanding === 0 && !answers.hasNews) return;
    }
  };
}
