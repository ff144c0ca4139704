import { randomUUID } from 'node:crypto';
import { type Duty, DutyState, HandInOutcome } from '../../proto/gen/rangkiang/permit/v1/duty.ts';
import { DutyServiceService } from '../../proto/gen/rangkiang/permit/v1/duty_service.ts';
import type { Caller } from '../client/caller.ts';
import { oneLine } from '../client/print.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, oneOf } from '../command.ts';
import { CliFailure, usageFailure } from '../failure.ts';
import { tellDuty } from '../permits/duty-words.ts';
import { permitPurpose, present } from '../permits/flow.ts';
import { printTold } from '../permits/print-told.ts';

const pageSize = 100;
const states = Object.keys(DutyState).filter((name) => name !== 'UNSPECIFIED') as (keyof typeof DutyState)[];

/** Lists what is owed, as it stands today. */
export const permitDutiesCommand = defineCommand({
  name: ['permit', 'duties'],
  operands: ['[permit]'],
  summary: {
    id: 'Daftar kewajiban izin: laporan semester dan data balikan yang belum lengkap',
    en: 'List the duties of permits: semester reports and data balikan that are not confirmed',
  },
  options: {
    opd: { type: 'string', value: 'OPD', help: { id: 'Hanya OPD ini', en: 'Only this OPD' } },
    only: {
      type: 'string',
      value: 'STATE',
      help: { id: `Hanya yang ${states.join(', ')}`, en: `Only those that are ${states.join(', ')}` },
    },
    as: {
      type: 'string',
      value: 'CALLER',
      help: { id: 'Sebagai pemanggil ini (bawaan DISDUKCAPIL)', en: 'As this caller (default DISDUKCAPIL)' },
    },
    ...jsonOption,
  },
  async run({ operands: [permitId = ''], options, ...invocation }) {
    const state = options.only === undefined ? DutyState.UNSPECIFIED : DutyState[oneOf('only', options.only, states)];
    return withCaller(options.as ?? 'DISDUKCAPIL', invocation, async (caller) => {
      for await (const duty of dutiesThatAre(caller, state, permitId, options.opd)) {
        const { line, json } = tellDuty(duty, invocation.locale);
        console.log(options.json ? oneLine(json) : line);
      }
    });
  },
});

/** Hands in what an OPD owes. */
export const permitHandInCommand = defineCommand({
  name: ['permit', 'hand-in'],
  operands: ['<opd>', '<permit>', '<kind>', '<period>'],
  summary: {
    id: 'Serahkan laporan atau bukti data balikan sebagai OPD',
    en: 'Hand in a report, or that data balikan were given back, as the OPD',
  },
  details: {
    id: 'kind dan period seperti dalam "permit duties", misalnya LAPORAN_SEMESTER 2026-S1. Datanya sendiri tidak lewat sini.',
    en: 'kind and period as in "permit duties", for example LAPORAN_SEMESTER 2026-S1. The data themselves travel another way.',
  },
  options: {
    reference: { type: 'string', value: 'NO', help: { id: 'Nomor surat atau berkas', en: 'Number of the letter' } },
    summary: {
      type: 'string',
      value: 'TEXT',
      help: { id: 'Isinya, paling sedikit 10 huruf', en: 'What it is, at least 10 letters' },
    },
    ...jsonOption,
  },
  async run({ operands: [opd = '', permitId = '', kind = '', period = ''], options, ...invocation }) {
    const { reference, summary } = options;
    if (reference === undefined || summary === undefined) {
      throw usageFailure({ id: 'Kurang: --reference atau --summary', en: 'Missing: --reference or --summary' });
    }
    return withCaller(opd, invocation, async (caller) => {
      const { etag } = await findDuty(caller, permitId, kind, period);
      const request = { requestId: randomUUID(), permitId, kind, period, etag, reference, summary };
      const answered = await caller.call(DutyServiceService.handIn, request, permitPurpose);
      const told = tellDuty(present(answered.message.duty), invocation.locale);
      printTold(answered, told, options.json, invocation.locale);
    });
  },
});

/** Disdukcapil's word on what was handed in. */
export const permitConfirmReportCommand = defineCommand({
  name: ['permit', 'confirm-report'],
  operands: ['<permit>', '<kind>', '<period>'],
  summary: {
    id: 'Nyatakan laporan atau data balikan lengkap sebagai Disdukcapil, atau kembalikan',
    en: 'Confirm a report or data balikan as Disdukcapil, or send it back',
  },
  options: {
    'send-back': { type: 'boolean', help: { id: 'Kembalikan kepada OPD', en: 'Send it back to the OPD' } },
    remarks: {
      type: 'string',
      value: 'TEXT',
      help: { id: 'Catatan, paling sedikit 10 huruf', en: 'Remarks, at least 10 letters' },
    },
    ...jsonOption,
  },
  async run({ operands: [permitId = '', kind = '', period = ''], options, ...invocation }) {
    const { remarks } = options;
    if (remarks === undefined) throw usageFailure({ id: 'Kurang: --remarks', en: 'Missing: --remarks' });
    const outcome = options['send-back'] ? HandInOutcome.SENT_BACK : HandInOutcome.CONFIRMED;
    return withCaller('DISDUKCAPIL', invocation, async (caller) => {
      const { etag } = await findDuty(caller, permitId, kind, period);
      const request = { requestId: randomUUID(), permitId, kind, period, etag, outcome, remarks };
      const answered = await caller.call(DutyServiceService.reviewHandIn, request, permitPurpose);
      const told = tellDuty(present(answered.message.duty), invocation.locale);
      printTold(answered, told, options.json, invocation.locale);
    });
  },
});

async function findDuty(caller: Caller, permitId: string, kind: string, period: string): Promise<Duty> {
  for await (const duty of dutiesThatAre(caller, DutyState.UNSPECIFIED, permitId)) {
    if (duty.kind === kind && duty.period === period) return duty;
  }
  throw new CliFailure({
    id: `Izin ini tidak menunggu ${kind} ${period}. Lihat: rangkiang permit duties ${permitId}`,
    en: `The permit does not wait for ${kind} ${period}. See: rangkiang permit duties ${permitId}`,
  });
}

async function* dutiesThatAre(caller: Caller, state: DutyState, permitId: string, opd = ''): AsyncGenerator<Duty> {
  let pageToken = '';
  do {
    const request = { state, opd, permitId, pageSize, pageToken };
    const { message } = await caller.call(DutyServiceService.listDuties, request, permitPurpose);
    yield* message.duties;
    pageToken = message.nextPageToken;
  } while (pageToken !== '');
}
