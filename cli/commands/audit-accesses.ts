import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printJson } from '../../mesh/contract.ts';
import { Access, Receipt } from '../../proto/gen/rangkiang/audit/v1/subject.ts';
import { SubjectServiceService } from '../../proto/gen/rangkiang/audit/v1/subject_service.ts';
import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import { readNik } from '../audit/nik-input.ts';
import { permitNumbers } from '../audit/permit-numbers.ts';
import { oneLine } from '../client/print.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { enumName } from '../enum-name.ts';
import type { Locale } from '../language.ts';
import { elementWords, methodWords, moment } from '../permits/names.ts';

export const counterPurpose = { purpose: 'ADMINISTRASI_KEPENDUDUKAN' } as const;
const privateMode = 0o600;

/** Shows a resident at Disdukcapil's counter who looked at their data. */
export const auditAccessesCommand = defineCommand({
  name: ['audit', 'accesses'],
  operands: ['<file|->'],
  summary: {
    id: 'Siapa yang melihat data seorang penduduk, di loket Disdukcapil',
    en: "Who looked at a resident's data, at Disdukcapil's counter",
  },
  details: {
    id: [
      'Masukan: berkas atau masukan standar ("-") yang memuat NIK saja.',
      'Permintaan ini sendiri dicatat dan tampak bagi penduduk itu pada permintaan berikutnya.',
    ].join('\n'),
    en: [
      'Input: a file or standard input ("-") that holds the NIK alone.',
      'The question is itself recorded, and the resident sees it the next time.',
    ].join('\n'),
  },
  options: {
    receipts: {
      type: 'string',
      value: 'DIR',
      help: {
        id: 'Tulis tanda terima tiap baris ke direktori ini (periksa dengan "audit receipt check")',
        en: 'Write a receipt of each line to this directory (check it with "audit receipt check")',
      },
    },
    ...jsonOption,
  },
  async run({ operands: [file = ''], options, locale, stateDir }) {
    const nik = await readNik(file);
    const directory = options.receipts;
    if (directory !== undefined) await mkdir(directory, { recursive: true });
    return withCaller('DISDUKCAPIL', { stateDir, locale }, async (caller) => {
      let pageToken = '';
      do {
        const request = { nik, pageSize: 0, pageToken, receipts: directory !== undefined };
        const method = SubjectServiceService.listAccessesAtCounter;
        const { message } = await caller.call(method, request, counterPurpose);
        const numbers = await permitNumbers(
          caller,
          message.accesses.map(({ permit }) => permit),
        );
        for (const access of message.accesses) {
          console.log(options.json ? accessJson(access) : accessLine(access, numbers, locale));
          if (directory !== undefined && access.receipt) await writeReceipt(directory, access.receipt);
        }
        pageToken = message.nextPageToken;
      } while (pageToken !== '');
    });
  },
});

/** A file name tells the record only, never whose it is. */
async function writeReceipt(directory: string, receipt: Receipt): Promise<void> {
  const text = printJson('rangkiang.audit.v1.Receipt', Receipt.encode(receipt).finish());
  await writeFile(join(directory, `receipt-${receipt.index}.json`), `${text}\n`, { mode: privateMode });
}

/** One look on one line: record, time, who, what for, on which law, what was shown, under which permit. */
export function accessLine(access: Access, numbers: ReadonlyMap<string, string>, locale: Locale): string {
  const { index, time, opd, unit, purpose, legalBasis, elements, permit, method } = access;
  return [
    String(index).padStart(7),
    moment(time),
    `${opd}/${unit}`,
    methodWords([method]),
    enumName(Purpose, purpose),
    legalBasis,
    elementWords(elements, locale),
    numbers.get(permit) ?? permit,
  ]
    .filter(Boolean)
    .join('  ');
}

function accessJson(access: Access): string {
  return oneLine(printJson('rangkiang.audit.v1.Access', Access.encode(access).finish()));
}
