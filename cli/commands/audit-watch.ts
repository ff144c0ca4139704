import { followRecords, untilStopped } from '../audit/follow.ts';
import { filterOf, filterOptions } from '../audit/record-filter.ts';
import { recordJson, recordLine } from '../audit/record-line.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { exitCode, usageFailure } from '../failure.ts';

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
    const signal = untilStopped();
    const print = options.json ? recordJson : (record: Parameters<typeof recordLine>[0]) => recordLine(record, locale);
    const from = options.from === undefined ? undefined : recordIndex(options.from);
    for await (const { records } of followRecords({ stateDir, locale, from, filter: filterOf(options), signal })) {
      for (const record of records) console.log(print(record));
    }
    return exitCode.ok;
  },
});

function recordIndex(text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw usageFailure({
    id: '--from harus indeks catatan: 0, 1, 2 ...',
    en: '--from must be the index of a record: 0, 1, 2 ...',
  });
}
