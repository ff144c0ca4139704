import type { RecordFilter } from '../../proto/gen/rangkiang/audit/v1/audit.ts';
import { AuditServiceService } from '../../proto/gen/rangkiang/audit/v1/audit_service.ts';
import { momentOf } from '../audit/moment.ts';
import { filterOf, filterOptions } from '../audit/record-filter.ts';
import { recordJson, recordLine } from '../audit/record-line.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, type OptionTable, wholeNumber } from '../command.ts';

const largestPage = 1_000;

const timeOptions = {
  from: {
    type: 'string',
    value: 'TIME',
    help: {
      id: 'Sejak saat ini, misalnya 2026-11-24 atau 2026-11-24T08:00 (WIB)',
      en: 'Since then, e.g. 2026-11-24 or 2026-11-24T08:00 (Western Indonesian time)',
    },
  },
  to: {
    type: 'string',
    value: 'TIME',
    help: { id: 'Sebelum saat ini', en: 'Before then' },
  },
} as const satisfies OptionTable;

/** Finds records of the audit log as the security team, newest first. */
export const auditFindCommand = defineCommand({
  name: ['audit', 'find'],
  operands: [],
  summary: {
    id: 'Cari catatan audit sebagai SECURITY, terbaru dahulu',
    en: 'Find audit records as SECURITY, newest first',
  },
  details: {
    id: 'Pencarian panjang berjalan sepotong demi sepotong; sampai di mana, tertulis di stderr.',
    en: 'A long search goes piece by piece; how far it has got is told on stderr.',
  },
  options: {
    limit: {
      type: 'string',
      value: 'N',
      help: { id: 'Paling banyak N catatan (bawaan 20)', en: 'At most N records (default 20)' },
    },
    ...filterOptions,
    ...timeOptions,
    ...jsonOption,
  },
  async run({ options, locale, stateDir }) {
    const limit = wholeNumber('limit', options.limit ?? '20', { min: 1, max: 1_000_000 });
    const filter: RecordFilter = {
      ...filterOf(options),
      fromTime: momentOf('from', options.from),
      belowTime: momentOf('to', options.to),
    };
    return withCaller('SECURITY', { stateDir, locale }, async (caller) => {
      let left = limit;
      let pageToken = '';
      do {
        const request = { filter, pageSize: Math.min(left, largestPage), pageToken };
        const { message } = await caller.call(AuditServiceService.listRecords, request, { purpose: 'PENGAWASAN' });
        for (const record of message.records)
          console.log(options.json ? recordJson(record) : recordLine(record, locale));
        left -= message.records.length;
        pageToken = message.nextPageToken;
        if (pageToken !== '' && left > 0) console.error(searched[locale](message.searchedFromIndex));
      } while (pageToken !== '' && left > 0);
    });
  },
});

const searched = {
  id: (index: bigint) => `... sudah dicari sampai catatan ${index}`,
  en: (index: bigint) => `... searched back to record ${index}`,
} as const;
