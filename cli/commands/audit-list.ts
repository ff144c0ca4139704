import { AuditServiceService } from '../../proto/gen/rangkiang/audit/v1/audit_service.ts';
import { filterOf, filterOptions } from '../audit/record-filter.ts';
import { recordJson, recordLine } from '../audit/record-line.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, wholeNumber } from '../command.ts';

const largestPage = 1_000;

/** Lists records of the audit log as the security team, newest first. */
export const auditListCommand = defineCommand({
  name: ['audit', 'list'],
  operands: [],
  summary: {
    id: 'Daftar catatan audit sebagai SECURITY, terbaru dahulu',
    en: 'List audit records as SECURITY, newest first',
  },
  options: {
    limit: {
      type: 'string',
      value: 'N',
      help: { id: 'Paling banyak N catatan (bawaan 20)', en: 'At most N records (default 20)' },
    },
    ...filterOptions,
    ...jsonOption,
  },
  async run({ options, locale, stateDir }) {
    const limit = wholeNumber('limit', options.limit ?? '20', { min: 1, max: 1_000_000 });
    const filter = filterOf(options);
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
      } while (pageToken !== '' && left > 0);
    });
  },
});
