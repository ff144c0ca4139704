import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { EmergencyActivation } from '../../proto/gen/rangkiang/permit/v1/emergency.ts';
import { EmergencyServiceService } from '../../proto/gen/rangkiang/permit/v1/emergency_service.ts';
import { PermitServiceService } from '../../proto/gen/rangkiang/permit/v1/permit_service.ts';
import { keepOfficial } from '../ca/authority.ts';
import { oneLine } from '../client/print.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, oneOf, wholeNumber } from '../command.ts';
import { readConfirmed, signActivationAs, signReviewAs } from '../emergencies/sign.ts';
import { tellEmergency } from '../emergencies/words.ts';
import { usageFailure } from '../failure.ts';
import { issuePermit, permitPurpose, present, readPermit } from '../permits/flow.ts';
import { usualTerms } from '../permits/izin-draft.ts';
import { printTold } from '../permits/print-told.ts';
import { readSigner } from '../permits/sign.ts';
import { tellPermit } from '../permits/words.ts';
import { keyOf } from '../signing-keys/order.ts';

const oversight = { purpose: 'PENGAWASAN' } as const;
const hourMs = 3_600_000;
const officialName = /^[A-Z][A-Z0-9_-]{2,39}$/;

const asOption = {
  as: {
    type: 'string',
    value: 'CALLER',
    help: { id: 'Sebagai SECURITY (bawaan) atau WALIKOTA', en: 'As SECURITY (default) or WALIKOTA' },
  },
} as const;
const officialOption = {
  official: {
    type: 'string',
    value: 'NAME',
    help: { id: 'Pejabat yang menandatangani, mis. SEKDA', en: 'The official who signs, e.g. SEKDA' },
  },
} as const;
const givers = ['SECURITY', 'WALIKOTA'] as const;

/** Signs a permit that counts only in an emergency, in advance. */
export const emergencyPrepareCommand = defineCommand({
  name: ['emergency', 'prepare'],
  operands: ['<application>'],
  summary: {
    id: 'Siapkan izin darurat sebagai Walikota; tidak berlaku sebelum diaktifkan dua pejabat',
    en: 'Prepare an emergency permit as the Walikota; it counts for nothing until two officials activate it',
  },
  options: {
    number: {
      type: 'string',
      value: 'NO',
      help: { id: 'Nomor dalam register Walikota', en: "Number in the Walikota's register" },
    },
    officials: {
      type: 'string',
      value: 'A,B,...',
      help: { id: 'Pejabat yang boleh mengaktifkan, paling sedikit dua', en: 'Who may activate, at least two' },
    },
    hours: {
      type: 'string',
      value: 'N',
      help: { id: 'Paling lama berapa jam (bawaan 72)', en: 'For how many hours at most (default 72)' },
    },
    ...jsonOption,
  },
  async run({ operands: [applicationId = ''], options, ...invocation }) {
    const number = needed('number', options.number);
    const names = needed('officials', options.officials).split(',');
    if (names.length < 2 || new Set(names).size !== names.length || !names.every((name) => officialName.test(name))) {
      throw usageFailure({
        id: '--officials butuh paling sedikit dua nama berbeda, mis. SEKDA,KEPALA-BPBD',
        en: '--officials wants at least two different names, e.g. SEKDA,KEPALA-BPBD',
      });
    }
    const hours = wholeNumber('hours', options.hours ?? '72', { min: 1, max: 72 });
    return withCaller('WALIKOTA', invocation, async (caller, layout) => {
      const persons = await Promise.all(
        names.map(async (name) => {
          await keepOfficial(layout.official(name), name);
          return { name, certificate: keyOf(await readSigner(layout.official(name))).certificate.raw };
        }),
      );
      const { message } = await caller.call(PermitServiceService.getApplication, { applicationId }, permitPurpose);
      const terms = { ...usualTerms, number, operatorRequired: true, emergency: { persons, hours } };
      const answered = await issuePermit(caller, layout, present(message.application), terms);
      printTold(answered, tellPermit(answered.message), options.json, invocation.locale);
    });
  },
});

/** Signs an activation as one official: a new one, or the same that another one signed. */
export const emergencyConfirmCommand = defineCommand({
  name: ['emergency', 'confirm'],
  operands: ['<permit>'],
  summary: {
    id: 'Tanda tangani pengaktifan sebagai satu pejabat; keluarannya untuk "emergency activate"',
    en: 'Sign an activation as one official; what it prints is for "emergency activate"',
  },
  options: {
    ...officialOption,
    with: {
      type: 'string',
      value: 'FILE',
      help: { id: 'Yang sudah ditandatangani pejabat pertama', en: 'What the first official signed' },
    },
    reason: {
      type: 'string',
      value: 'TEXT',
      help: { id: 'Apa yang terjadi, paling sedikit 10 huruf', en: 'What happened, at least 10 letters' },
    },
    hours: {
      type: 'string',
      value: 'N',
      help: { id: 'Berapa jam sejak sekarang (bawaan: seperti izin)', en: 'Hours from now (default: as permitted)' },
    },
  },
  async run({ operands: [permitId = ''], options, ...invocation }) {
    const official = needed('official', options.official);
    return withCaller('WALIKOTA', invocation, async (caller, layout) => {
      const izin = present((await readPermit(caller, permitId)).izin);
      const longest = izin.emergency?.hours ?? 72;
      const hours = wholeNumber('hours', options.hours ?? String(longest), { min: 1, max: longest });
      const activation: EmergencyActivation =
        options.with === undefined
          ? {
              permitId,
              version: izin.version,
              activationId: randomUUID(),
              from: new Date(),
              until: new Date(Date.now() + hours * hourMs),
              reason: needed('reason', options.reason),
            }
          : readConfirmed(await readFile(options.with, 'utf8'));
      console.log(await signActivationAs(await readSigner(layout.official(official)), activation));
    });
  },
});

/** Hands in what two officials signed. */
export const emergencyActivateCommand = defineCommand({
  name: ['emergency', 'activate'],
  operands: ['<permit>', '<file>', '<file>'],
  summary: {
    id: 'Aktifkan izin darurat dengan tanda tangan dua pejabat; berlaku bila jawabannya datang',
    en: 'Activate an emergency permit with what two officials signed; it counts when the answer comes',
  },
  options: { ...asOption, ...jsonOption },
  async run({ operands: [permitId = '', ...files], options, ...invocation }) {
    const jws = await Promise.all(files.map(async (file) => (await readFile(file, 'utf8')).trim()));
    const who = oneOf('as', options.as ?? 'SECURITY', givers);
    return withCaller(who, invocation, async (caller) => {
      const request = { requestId: randomUUID(), permitId, jws };
      const answered = await caller.call(EmergencyServiceService.activateEmergency, request, oversight);
      printTold(answered, tellEmergency(present(answered.message.emergency)), options.json, invocation.locale);
    });
  },
});

/** Closes a review, signed by one official. */
export const emergencyReviewCommand = defineCommand({
  name: ['emergency', 'review'],
  operands: ['<activation>'],
  summary: {
    id: 'Tutup telaah keadaan darurat yang sudah berakhir, sebagai satu pejabat',
    en: 'Close the review of an emergency that is over, as one official',
  },
  options: {
    ...officialOption,
    remarks: {
      type: 'string',
      value: 'TEXT',
      help: { id: 'Hasil telaah, paling sedikit 10 huruf', en: 'What the review found, at least 10 letters' },
    },
    ...asOption,
    ...jsonOption,
  },
  async run({ operands: [activationId = ''], options, ...invocation }) {
    const official = needed('official', options.official);
    const remarks = needed('remarks', options.remarks);
    const who = oneOf('as', options.as ?? 'SECURITY', givers);
    return withCaller(who, invocation, async (caller, layout) => {
      const listed = await caller.call(
        EmergencyServiceService.listEmergencies,
        { includeReviewed: true, pageSize: 500, pageToken: '' },
        oversight,
      );
      const found = listed.message.emergencies.find((each) => each.activationId === activationId);
      const review = { permitId: found?.permitId ?? '', activationId, remarks };
      const jws = await signReviewAs(await readSigner(layout.official(official)), review);
      const request = { requestId: randomUUID(), activationId, jws };
      const answered = await caller.call(EmergencyServiceService.reviewEmergency, request, oversight);
      printTold(answered, tellEmergency(present(answered.message.emergency)), options.json, invocation.locale);
    });
  },
});

/** Lists emergencies. */
export const emergencyStatusCommand = defineCommand({
  name: ['emergency', 'status'],
  operands: [],
  summary: { id: 'Daftar keadaan darurat, terbaru dahulu', en: 'List emergencies, newest first' },
  options: {
    all: { type: 'boolean', help: { id: 'Juga yang sudah ditelaah', en: 'Reviewed ones too' } },
    ...asOption,
    ...jsonOption,
  },
  async run({ options, ...invocation }) {
    const who = oneOf('as', options.as ?? 'SECURITY', givers);
    return withCaller(who, invocation, async (caller) => {
      const request = { includeReviewed: options.all ?? false, pageSize: 500, pageToken: '' };
      const { message } = await caller.call(EmergencyServiceService.listEmergencies, request, oversight);
      for (const emergency of message.emergencies) {
        const { line, json } = tellEmergency(emergency);
        console.log(options.json ? oneLine(json) : line);
      }
    });
  },
});

function needed(name: string, value: string | undefined): string {
  if (value === undefined) throw usageFailure({ id: `Kurang: --${name}`, en: `Missing: --${name}` });
  return value;
}
