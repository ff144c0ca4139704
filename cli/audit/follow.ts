import { setTimeout as delay } from 'node:timers/promises';
import type { RecordFilter, WatchRecordsResponse } from '../../proto/gen/rangkiang/audit/v1/audit.ts';
import { AuditServiceService } from '../../proto/gen/rangkiang/audit/v1/audit_service.ts';
import { connectAs } from '../client/caller.ts';
import { CallRefused } from '../client/refusal.ts';
import type { Locale } from '../language.ts';
import { readEndpoints } from '../state/endpoints.ts';
import { layoutOf } from '../state/layout.ts';

const retryMs = 1_000;

/** What is followed, and by whom. */
export interface FollowOptions {
  readonly stateDir: string;
  readonly locale: Locale;
  /** The first index; undefined for what comes from now on. */
  readonly from: bigint | undefined;
  readonly filter: RecordFilter;
  readonly signal: AbortSignal;
  /** Called before a broken stream is opened again; what it throws ends the stream. */
  readonly onBreak?: () => Promise<void>;
}

/** The stream of records as the security team reads it; when it breaks because somebody is away, it goes on through the next broker. */
export async function* followRecords(options: FollowOptions): AsyncGenerator<WatchRecordsResponse> {
  const { stateDir, locale, filter, signal } = options;
  const layout = layoutOf(stateDir);
  let next = options.from;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const endpoints = await readEndpoints(layout);
    const broker = 1 + (attempt % endpoints.brokers.length);
    const caller = await connectAs('SECURITY', { layout, endpoints, broker, locale });
    try {
      const request = { fromIndex: next, filter };
      for await (const answer of caller.stream(AuditServiceService.watchRecords, request, {
        purpose: 'PENGAWASAN',
        signal,
      })) {
        next = answer.nextIndex;
        yield answer;
      }
    } catch (error) {
      if (!(error instanceof CallRefused) || error.refusal.code !== 'UNAVAILABLE') throw error;
      console.error(error.refusal.text);
    } finally {
      caller.close();
    }
    await delay(retryMs, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await options.onBreak?.();
  }
}

/** Ends when the process is told to stop, as by Ctrl-C. */
export function untilStopped(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  return stop.signal;
}
