import { userInfo } from 'node:os';
import { printJson } from '../../mesh/contract.ts';
import { Alert } from '../../proto/gen/rangkiang/audit/v1/alert.ts';
import { AlertServiceService } from '../../proto/gen/rangkiang/audit/v1/alert_service.ts';
import { recordJson, recordLine } from '../audit/record-line.ts';
import { oneLine } from '../client/print.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { usageFailure } from '../failure.ts';

const purpose = 'PENGAWASAN';

/** Lists alerts as the security team. */
export const auditAlertsCommand = defineCommand({
  name: ['audit', 'alerts'],
  operands: [],
  summary: {
    id: 'Daftar peringatan yang belum ditanggapi, terbaru dahulu',
    en: 'List alerts that nobody took note of, newest first',
  },
  details: {
    id: 'Arti tiap peringatan dan apa yang dilakukan: docs/security-guide.md.',
    en: 'What each alert means and what to do: docs/security-guide.md.',
  },
  options: {
    all: { type: 'boolean', help: { id: 'Juga yang sudah ditanggapi', en: 'Acknowledged ones too' } },
    ...jsonOption,
  },
  async run({ options, locale, stateDir }) {
    return withCaller('SECURITY', { stateDir, locale }, async (caller) => {
      let belowIndex = 0n;
      do {
        const request = { includeAcknowledged: options.all ?? false, belowIndex };
        const { message } = await caller.call(AlertServiceService.listAlerts, request, { purpose });
        for (const alert of message.alerts) {
          if (options.json) {
            console.log(oneLine(printJson('rangkiang.audit.v1.Alert', Alert.encode(alert).finish())));
            continue;
          }
          for (const record of [alert.record, alert.acknowledgement])
            if (record) console.log(recordLine(record, locale));
        }
        belowIndex = message.nextBelowIndex;
      } while (belowIndex !== 0n);
    });
  },
});

/** Takes note of an alert as the security team. */
export const auditAcknowledgeCommand = defineCommand({
  name: ['audit', 'acknowledge'],
  operands: ['<alert>'],
  summary: { id: 'Tanggapi sebuah peringatan', en: 'Take note of an alert' },
  details: {
    id: 'Keterangan tinggal dalam log untuk selamanya: tulis tanpa data pribadi. Nama Anda disegel.',
    en: 'The remark stands in the log for good: write no personal data. Your name is sealed.',
  },
  options: {
    remark: {
      type: 'string',
      value: 'TEXT',
      help: { id: 'Apa yang ditemukan atau dilakukan (wajib)', en: 'What was found or done (required)' },
    },
    person: {
      type: 'string',
      value: 'NAME',
      help: { id: 'Siapa Anda (bawaan: nama di mesin ini)', en: "Who you are (default: this machine's user)" },
    },
    ...jsonOption,
  },
  async run({ operands: [index = ''], options, locale, stateDir }) {
    if (!/^\d{1,18}$/.test(index) || options.remark === undefined) {
      throw usageFailure({
        id: 'Sebutkan nomor peringatan dan --remark. Nomor ada di depan tiap baris `audit alerts`.',
        en: 'Give the number of the alert and --remark. The number leads each line of `audit alerts`.',
      });
    }
    const request = { index: BigInt(index), remark: options.remark, person: options.person ?? userInfo().username };
    return withCaller('SECURITY', { stateDir, locale }, async (caller) => {
      const { message } = await caller.call(AlertServiceService.acknowledgeAlert, request, { purpose });
      const { acknowledgement } = message;
      if (acknowledgement)
        console.log(options.json ? recordJson(acknowledgement) : recordLine(acknowledgement, locale));
    });
  },
});
