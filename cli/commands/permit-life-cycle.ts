import { randomUUID } from 'node:crypto';
import { Izin } from '../../proto/gen/rangkiang/permit/v1/izin.ts';
import { ReviewOutcome } from '../../proto/gen/rangkiang/permit/v1/life_cycle.ts';
import { ApplicationContent, SuspensionReason } from '../../proto/gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService } from '../../proto/gen/rangkiang/permit/v1/permit_service.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, type OptionTable, oneOf, wholeNumber } from '../command.ts';
import { CliFailure, usageFailure } from '../failure.ts';
import { aktivasiOptions, aktivasiTerms } from '../permits/aktivasi-options.ts';
import {
  permitPurpose,
  present,
  readApplication,
  readPermit,
  recordApproval,
  reinstatePermit,
  renewPermit,
  reviewApplication,
} from '../permits/flow.ts';
import { draftRenewal } from '../permits/izin-draft.ts';
import { printTold } from '../permits/print-told.ts';
import { tellApplication, tellPermit, tellRenewal, tellSuspension } from '../permits/words.ts';
import { messageFromJson, readInput } from '../read-input.ts';

const remarksOption = {
  remarks: {
    type: 'string',
    value: 'TEXT',
    help: { id: 'Catatan, paling sedikit 10 huruf', en: 'Remarks, at least 10 letters' },
  },
} as const satisfies OptionTable;

const numberOption = {
  number: {
    type: 'string',
    value: 'NO',
    help: { id: 'Nomor dalam register Walikota', en: "Number in the Walikota's register" },
  },
} as const satisfies OptionTable;

/** Disdukcapil's review of an application. */
export const permitReviewCommand = defineCommand({
  name: ['permit', 'review'],
  operands: ['<application>'],
  summary: {
    id: 'Telaah permohonan sebagai Disdukcapil: rekomendasikan, atau minta perubahan',
    en: 'Review an application as Disdukcapil: recommend it, or ask for changes',
  },
  options: {
    ...remarksOption,
    'request-changes': {
      type: 'boolean',
      help: { id: 'Minta perubahan dari OPD, bukan rekomendasi', en: 'Ask the OPD for changes instead' },
    },
    ...jsonOption,
  },
  async run({ operands: [applicationId = ''], options, ...invocation }) {
    const remarks = needed('remarks', options.remarks);
    const outcome = options['request-changes'] ? ReviewOutcome.CHANGES_REQUESTED : ReviewOutcome.RECOMMENDED;
    return withCaller('DISDUKCAPIL', invocation, async (caller) => {
      const application = await readApplication(caller, applicationId);
      const answered = await reviewApplication(caller, application, outcome, remarks);
      printTold(answered, tellApplication(answered.message), options.json, invocation.locale);
    });
  },
});

/** What the OPD changed after a review. */
export const permitResubmitCommand = defineCommand({
  name: ['permit', 'resubmit'],
  operands: ['<opd>', '<application>', '<file>'],
  summary: {
    id: 'Kirim permohonan yang sudah diubah menurut catatan Disdukcapil',
    en: "Send an application that was changed as Disdukcapil's remarks ask",
  },
  details: {
    id: 'file: rangkiang.permit.v1.ApplicationContent lengkap sebagai ProtoJSON; "-" membaca masukan standar.',
    en: 'file: the whole rangkiang.permit.v1.ApplicationContent as ProtoJSON; "-" reads standard input.',
  },
  options: jsonOption,
  async run({ operands: [opd = '', applicationId = '', file = ''], options, ...invocation }) {
    const content = ApplicationContent.decode(
      messageFromJson('rangkiang.permit.v1.ApplicationContent', await readInput(file)),
    );
    return withCaller(opd, invocation, async (caller) => {
      const { etag } = await readApplication(caller, applicationId);
      const request = { requestId: randomUUID(), applicationId, etag, content };
      const answered = await caller.call(PermitServiceService.resubmitApplication, request, permitPurpose);
      const application = present(answered.message.application);
      printTold(answered, tellApplication(application), options.json, invocation.locale);
    });
  },
});

/** The Dirjen's letter, under Permendagri 102/2019. */
export const permitApproveCommand = defineCommand({
  name: ['permit', 'approve'],
  operands: ['<application>'],
  summary: {
    id: 'Catat surat persetujuan Dirjen sebagai Disdukcapil (Permendagri 102/2019)',
    en: "Enter the Dirjen's letter of approval as Disdukcapil (Permendagri 102/2019)",
  },
  options: {
    letter: { type: 'string', value: 'NO', help: { id: 'Nomor surat Dirjen', en: "Number of the Dirjen's letter" } },
    ...jsonOption,
  },
  async run({ operands: [applicationId = ''], options, ...invocation }) {
    const letter = needed('letter', options.letter);
    return withCaller('DISDUKCAPIL', invocation, async (caller) => {
      const answered = await recordApproval(caller, await readApplication(caller, applicationId), letter);
      printTold(answered, tellApplication(answered.message), options.json, invocation.locale);
    });
  },
});

const suspensionReasons = Object.keys(SuspensionReason).filter(
  (name) => name !== 'UNSPECIFIED',
) as (keyof typeof SuspensionReason)[];

/** Suspends a permit. When it is done, no broker releases another answer under it. */
export const permitSuspendCommand = defineCommand({
  name: ['permit', 'suspend'],
  operands: ['<permit>'],
  summary: {
    id: 'Tangguhkan izin sebagai Walikota; selesai bila tidak ada broker yang masih menjawab dengannya',
    en: 'Suspend a permit as the Walikota; done when no broker answers under it any more',
  },
  options: {
    reason: {
      type: 'string',
      value: 'R',
      help: { id: `Alasan: ${suspensionReasons.join(', ')}`, en: `Why: ${suspensionReasons.join(', ')}` },
    },
    ...remarksOption,
    ...jsonOption,
  },
  async run({ operands: [permitId = ''], options, ...invocation }) {
    const reason = SuspensionReason[oneOf('reason', needed('reason', options.reason), suspensionReasons)];
    const remarks = needed('remarks', options.remarks);
    return withCaller('WALIKOTA', invocation, async (caller) => {
      const request = { requestId: randomUUID(), permitId, reason, remarks };
      const answered = await caller.call(PermitServiceService.suspendPermit, request, permitPurpose);
      const told = tellSuspension(answered.message, invocation.locale);
      printTold(answered, told, options.json, invocation.locale);
    });
  },
});

/** Signs what lifts a suspension. */
export const permitReinstateCommand = defineCommand({
  name: ['permit', 'reinstate'],
  operands: ['<permit>'],
  summary: {
    id: 'Tanda tangani pemulihan izin yang ditangguhkan, sebagai Walikota',
    en: 'Sign the reinstatement of a suspended permit, as the Walikota',
  },
  options: {
    ...numberOption,
    reason: {
      type: 'string',
      value: 'TEXT',
      help: { id: 'Alasan pemulihan, paling sedikit 10 huruf', en: 'Why it is lifted, at least 10 letters' },
    },
    ...jsonOption,
  },
  async run({ operands: [permitId = ''], options, ...invocation }) {
    const document = { number: needed('number', options.number), reason: needed('reason', options.reason) };
    return withCaller('WALIKOTA', invocation, async (caller, layout) => {
      const permit = await readPermit(caller, permitId);
      if (permit.suspensionId === '') {
        throw new CliFailure({
          id: 'Izin ini tidak ditangguhkan, jadi tidak ada yang dipulihkan.',
          en: 'This permit is not suspended, so there is nothing to lift.',
        });
      }
      const answered = await reinstatePermit(caller, layout, permit, document);
      printTold(answered, tellPermit(answered.message), options.json, invocation.locale);
    });
  },
});

/** Signs a new version of a permit. */
export const permitRenewCommand = defineCommand({
  name: ['permit', 'renew'],
  operands: ['<permit>'],
  summary: {
    id: 'Tanda tangani versi baru izin sebagai Walikota: perpanjangan, perluasan atau penyempitan',
    en: 'Sign a new version of a permit as the Walikota: longer, wider or narrower',
  },
  details: {
    id: 'Tanpa --file isinya tetap dan berlaku lagi mulai sekarang. --file: rangkiang.permit.v1.Izin sebagai ProtoJSON, misalnya bagian "izin" dari "permit show" yang diubah; versinya dinaikkan sendiri. Aktivasinya ditandatangani sekaligus: seperti yang berlaku, kecuali yang disebut di sini.',
    en: 'Without --file it grants the same, from now on again. --file: rangkiang.permit.v1.Izin as ProtoJSON, for example the changed part "izin" of "permit show"; the version is raised for you. Its activation is signed with it: as the one in force, but for what is stated here.',
  },
  options: {
    ...numberOption,
    months: {
      type: 'string',
      value: 'N',
      help: {
        id: 'Bulan sejak sekarang (bawaan: seperti permohonan)',
        en: 'Months from now (default: as applied for)',
      },
    },
    file: { type: 'string', value: 'FILE', help: { id: 'Isi izin yang baru', en: 'What the permit says then' } },
    ...aktivasiOptions,
    ...jsonOption,
  },
  async run({ operands: [permitId = ''], options, ...invocation }) {
    const number = needed('number', options.number);
    const months =
      options.months === undefined ? undefined : wholeNumber('months', options.months, { min: 1, max: 60 });
    const file = options.file === undefined ? undefined : await readInput(options.file);
    return withCaller('WALIKOTA', invocation, async (caller, layout) => {
      const [permit, application] = [await readPermit(caller, permitId), await readApplication(caller, permitId)];
      const inForce = present(permit.izin);
      const izin =
        file === undefined
          ? draftRenewal(inForce, number, months ?? present(application.content).termMonths, new Date())
          : { ...Izin.decode(messageFromJson('rangkiang.permit.v1.Izin', file)), number, version: inForce.version + 1 };
      const answered = await renewPermit(caller, layout, permit, izin, aktivasiTerms(options, permit.aktivasi));
      printTold(answered, tellRenewal(answered.message, invocation.locale), options.json, invocation.locale);
    });
  },
});

/** The value of an option without which the command means nothing. */
function needed(name: string, value: string | undefined): string {
  if (value === undefined) throw usageFailure({ id: `Kurang: --${name}`, en: `Missing: --${name}` });
  return value;
}
