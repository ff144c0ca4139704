import { setTimeout as delay } from 'node:timers/promises';
import type { RecordFilter, WatchRecordsResponse } from '../../proto/gen/rangkiang/audit/v1/audit.ts';
import { AuditServiceService } from '../../proto/gen/rangkiang/audit/v1/audit_service.ts';
import { filterOf, filterOptions } from '../audit/record-filter.ts';
import { recordJson, recordLine } from '../audit/record-line.ts';
import { connectAs } from '../client/caller.ts';
import { CallRefused } from '../client/refusal.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { exitCode, usageFailure } from '../failure.ts';
import type { Locale } from '../language.ts';
import { readEndpoints } from '../state/endpoints.ts';
import { layoutOf } from '../state/layout.ts';

const retryMs = 1_000;

/** Follows the audit log as the security team, through whichever broker answers. */
export const auditWatchCommand = defineCommand({
  name: ['audit', 'watch'],
  operands: [],
  summary: { id: 'Ikuti catatan audit sebagai SECURITY', en: 'Follow the audit log as SECURITY' },
  details: {
    id: 'Berhenti dengan Ctrl-C. Bila broker atau layanan audit hilang, dilanjutkan dari catatan terakhir begitu kembali.',
    en: 'Stop with Ctrl-C. When a broker or the audit service goes away, it goes on after the last record once it is back.',
  },
  options: {
    from: {
      type: 'string',
      value: 'N',
      help: { id: 'Mulai dari indeks N (bawaan: dari sekarang)', en: 'From index N on (default: from now)' },
    },
    ...filterOptions,
    ...jsonOption,
  },
  async run({ options, locale, stateDir }) {
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    process.once('SIGTERM', () => stop.abort());
    const print = options.json ? recordJson : (record: Parameters<typeof recordLine>[0]) => recordLine(record, locale);
    const from = options.from === undefined ? undefined : recordIndex(options.from);
    for await (const { records } of watch({ stateDir, locale, from, filter: filterOf(options), signal: stop.signal })) {
      for (const record of records) console.log(print(record));
    }
    return exitCode.ok;
  },
});

interface WatchOptions {
  stateDir: string;
  locale: Locale;
  from: bigint | undefined;
  filter: RecordFilter;
  signal: AbortSignal;
}

/** The stream of records; when it breaks because somebody is away, it goes on through the next broker. */
async function* watch(options: WatchOptions): AsyncGenerator<WatchRecordsResponse> {
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
  }
}

function recordIndex(text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw usageFailure({
    id: '--from harus indeks catatan: 0, 1, 2 ...',
    en: '--from must be the index of a record: 0, 1, 2 ...',
  });
}
