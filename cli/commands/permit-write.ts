import { randomUUID } from 'node:crypto';
import { ApplicationContent, RevocationReason } from '../../proto/gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService } from '../../proto/gen/rangkiang/permit/v1/permit_service.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, type OptionTable, oneOf, wholeNumber } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { issuePermit, permitPurpose, present, submitApplication } from '../permits/flow.ts';
import { hoursExample, readHours } from '../permits/hours-option.ts';
import { usualTerms } from '../permits/izin-draft.ts';
import { printTold } from '../permits/print-told.ts';
import { tellApplication, tellPermit, tellRevocation } from '../permits/words.ts';
import { messageFromJson, readInput } from '../read-input.ts';

const maxCount = 100_000_000;

/** Applies to the Walikota as an OPD. */
export const permitApplyCommand = defineCommand({
  name: ['permit', 'apply'],
  operands: ['<opd>', '<file>'],
  summary: { id: 'Ajukan permohonan kepada Walikota sebagai OPD', en: 'Apply to the Walikota as an OPD' },
  details: {
    id: 'file: rangkiang.permit.v1.ApplicationContent sebagai ProtoJSON; "-" membaca masukan standar.',
    en: 'file: rangkiang.permit.v1.ApplicationContent as ProtoJSON; "-" reads standard input.',
  },
  options: jsonOption,
  async run({ operands: [opd = '', file = ''], options, ...invocation }) {
    const bytes = messageFromJson('rangkiang.permit.v1.ApplicationContent', await readInput(file));
    return withCaller(opd, invocation, async (caller) => {
      const answered = await submitApplication(caller, ApplicationContent.decode(bytes));
      printTold(answered, tellApplication(answered.message), options.json, invocation.locale);
    });
  },
});

const termOptions = {
  number: {
    type: 'string',
    value: 'NO',
    help: { id: 'Nomor dalam register Walikota', en: "Number in the Walikota's register" },
  },
  'per-minute': {
    type: 'string',
    value: 'N',
    help: {
      id: `Panggilan per menit (bawaan ${usualTerms.quotaPerMinute})`,
      en: `Calls in a minute (default ${usualTerms.quotaPerMinute})`,
    },
  },
  'row-cap': {
    type: 'string',
    value: 'N',
    help: {
      id: `Baris per jawaban (bawaan ${usualTerms.rowCap})`,
      en: `Rows in an answer (default ${usualTerms.rowCap})`,
    },
  },
  'minimum-cell': {
    type: 'string',
    value: 'N',
    help: {
      id: `Hitungan terkecil yang ditampilkan (bawaan ${usualTerms.minimumCell})`,
      en: `Smallest count shown (default ${usualTerms.minimumCell})`,
    },
  },
  children: { type: 'boolean', help: { id: 'Termasuk penduduk di bawah 18 tahun', en: 'Residents under 18 too' } },
  disability: {
    type: 'boolean',
    help: { id: 'Termasuk elemen CACAT yang dimohon', en: 'The element CACAT too, where applied for' },
  },
  operator: { type: 'boolean', help: { id: 'Wajib pernyataan operator', en: "The operator's assertion is required" } },
  case: { type: 'boolean', help: { id: 'Wajib nomor kasus', en: 'A case number is required' } },
  'data-balikan': {
    type: 'string',
    value: 'KIND/N/DAYS,...',
    help: {
      id: 'Data balikan: jenis, setiap berapa bulan, hari tenggang; misalnya GOLONGAN_DARAH/6/30',
      en: 'Data balikan: which, every how many months, days of grace; e.g. GOLONGAN_DARAH/6/30',
    },
  },
  hours: {
    type: 'string',
    value: 'H',
    help: {
      id: `Jam pakai (bawaan: yang dimohon), misalnya ${hoursExample}`,
      en: `Hours of use (default: those applied for), e.g. ${hoursExample}`,
    },
  },
  'legal-basis': {
    type: 'string',
    value: 'TEXT',
    help: {
      id: 'Dasar hukum (bawaan: yang dimohon); tampak bagi penduduk',
      en: 'Legal basis (default: that applied for); shown to residents',
    },
  },
} as const satisfies OptionTable;

/** Signs an application with the Walikota's key. */
export const permitIssueCommand = defineCommand({
  name: ['permit', 'issue'],
  operands: ['<application>'],
  summary: {
    id: 'Tanda tangani permohonan sebagai Walikota; izinnya lalu menunggu aktivasi',
    en: 'Sign an application as the Walikota; the permit then awaits its activation',
  },
  options: { ...termOptions, ...jsonOption },
  async run({ operands: [applicationId = ''], options, ...invocation }) {
    const { number } = options;
    if (number === undefined) throw usageFailure({ id: 'Kurang: --number NO', en: 'Missing: --number NO' });
    const count = (name: 'per-minute' | 'row-cap' | 'minimum-cell', usual: number) =>
      wholeNumber(name, options[name] ?? String(usual), { min: 1, max: maxCount });
    const terms = {
      number,
      quotaPerMinute: count('per-minute', usualTerms.quotaPerMinute),
      rowCap: count('row-cap', usualTerms.rowCap),
      minimumCell: count('minimum-cell', usualTerms.minimumCell),
      children: options.children ?? false,
      disability: options.disability ?? false,
      operatorRequired: options.operator ?? false,
      caseNumberRequired: options.case ?? false,
      owed: options['data-balikan']?.split(',').map(readDataBalikan) ?? [],
      ...(options.hours !== undefined && { hours: readHours(options.hours) }),
      ...(options['legal-basis'] !== undefined && { legalBasis: options['legal-basis'] }),
    };
    return withCaller('WALIKOTA', invocation, async (caller, layout) => {
      const { message } = await caller.call(PermitServiceService.getApplication, { applicationId }, permitPurpose);
      const answered = await issuePermit(caller, layout, present(message.application), terms);
      printTold(answered, tellPermit(answered.message), options.json, invocation.locale);
    });
  },
});

/** Reads one kind of data balikan, e.g. "GOLONGAN_DARAH/6/30". Throws a usage failure; the rest of the rules the service has. */
function readDataBalikan(text: string): { kind: string; everyMonths: number; graceDays: number } {
  const [, kind = '', everyMonths, graceDays] = /^([A-Z][A-Z0-9_]{1,39})\/(\d{1,2})\/(\d{1,3})$/.exec(text) ?? [];
  if (kind === '') {
    throw usageFailure({
      id: '--data-balikan ditulis JENIS/BULAN/HARI, misalnya GOLONGAN_DARAH/6/30.',
      en: '--data-balikan is written KIND/MONTHS/DAYS, for example GOLONGAN_DARAH/6/30.',
    });
  }
  return { kind, everyMonths: Number(everyMonths), graceDays: Number(graceDays) };
}

/** Rejects an application. */
export const permitRejectCommand = defineCommand({
  name: ['permit', 'reject'],
  operands: ['<application>'],
  summary: { id: 'Tolak permohonan sebagai Walikota', en: 'Reject an application as the Walikota' },
  options: {
    reason: {
      type: 'string',
      value: 'TEXT',
      help: { id: 'Alasan untuk OPD, paling sedikit 10 huruf', en: 'Why, for the OPD to read, at least 10 letters' },
    },
    ...jsonOption,
  },
  async run({ operands: [applicationId = ''], options, ...invocation }) {
    const { reason } = options;
    if (reason === undefined) throw usageFailure({ id: 'Kurang: --reason TEXT', en: 'Missing: --reason TEXT' });
    return withCaller('WALIKOTA', invocation, async (caller) => {
      const request = { requestId: randomUUID(), applicationId, reason };
      const answered = await caller.call(PermitServiceService.rejectApplication, request, permitPurpose);
      const application = present(answered.message.application);
      printTold(answered, tellApplication(application), options.json, invocation.locale);
    });
  },
});

const reasons = Object.keys(RevocationReason).filter(
  (name) => name !== 'UNSPECIFIED',
) as (keyof typeof RevocationReason)[];

/** Revokes a permit. When it is done, no broker releases another answer under it. */
export const permitRevokeCommand = defineCommand({
  name: ['permit', 'revoke'],
  operands: ['<permit>'],
  summary: {
    id: 'Cabut izin sebagai Walikota; selesai bila tidak ada broker yang masih menjawab dengannya',
    en: 'Revoke a permit as the Walikota; done when no broker answers under it any more',
  },
  options: {
    reason: {
      type: 'string',
      value: 'R',
      help: { id: `Alasan: ${reasons.join(', ')}`, en: `Why: ${reasons.join(', ')}` },
    },
    broker: {
      type: 'string',
      value: 'N',
      help: { id: 'Lewat broker ke-N (bawaan 1)', en: 'Through the Nth broker (default 1)' },
    },
    ...jsonOption,
  },
  async run({ operands: [permitId = ''], options, ...invocation }) {
    if (options.reason === undefined) throw usageFailure({ id: 'Kurang: --reason R', en: 'Missing: --reason R' });
    const reason = RevocationReason[oneOf('reason', options.reason, reasons)];
    const broker = options.broker === undefined ? 1 : wholeNumber('broker', options.broker, { min: 1, max: 99 });
    return withCaller('WALIKOTA', { ...invocation, broker }, async (caller) => {
      const request = { requestId: randomUUID(), permitId, reason };
      const answered = await caller.call(PermitServiceService.revokePermit, request, permitPurpose);
      const told = tellRevocation(answered.message, invocation.locale);
      printTold(answered, told, options.json, invocation.locale);
    });
  },
});
