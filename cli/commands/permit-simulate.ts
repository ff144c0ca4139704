import { printJson } from '../../mesh/contract.ts';
import { DecisionServiceService } from '../../proto/gen/rangkiang/broker/v1/decision_service.ts';
import { SimulateResponse } from '../../proto/gen/rangkiang/broker/v1/simulation.ts';
import { Izin } from '../../proto/gen/rangkiang/permit/v1/izin.ts';
import { answerJson } from '../client/print.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, wholeNumber } from '../command.ts';
import { CliFailure, exitCode, usageFailure } from '../failure.ts';
import { exampleDraft } from '../permits/example-draft.ts';
import { permitPurpose } from '../permits/flow.ts';
import { impactReport } from '../permits/impact-words.ts';
import { messageFromJson, readInput } from '../read-input.ts';

const IZIN = 'rangkiang.permit.v1.Izin';
const timeoutMs = 15_000;

/** Tells what a permit would change, before it is signed. */
export const permitSimulateCommand = defineCommand({
  name: ['permit', 'simulate'],
  operands: ['[draft]'],
  summary: {
    id: 'Hitung dampak rancangan izin sebelum Walikota menandatangani',
    en: 'Tell what a draft of a permit would change, before the Walikota signs',
  },
  details: {
    id: 'draft: rangkiang.permit.v1.Izin sebagai ProtoJSON; "-" membaca masukan standar. Contoh: --example > draft.json',
    en: 'draft: rangkiang.permit.v1.Izin as ProtoJSON; "-" reads standard input. To begin with: --example > draft.json',
  },
  options: {
    replaces: {
      type: 'string',
      value: 'PERMIT',
      help: { id: 'UUID izin yang akan dicabut karenanya', en: 'UUID of the permit that it takes the place of' },
    },
    days: {
      type: 'string',
      value: 'N',
      help: {
        id: 'Catatan berapa hari ditimbang ulang (bawaan 30)',
        en: 'Days of records to decide again (default 30)',
      },
    },
    example: {
      type: 'boolean',
      help: { id: 'Cetak contoh rancangan dan selesai', en: 'Print an example draft and end' },
    },
    as: {
      type: 'string',
      value: 'CALLER',
      help: { id: 'WALIKOTA (bawaan) atau DISDUKCAPIL', en: 'WALIKOTA (default) or DISDUKCAPIL' },
    },
    ...jsonOption,
  },
  async run({ operands: [file], options, ...invocation }) {
    if (options.example) {
      console.log(printJson(IZIN, Izin.encode(exampleDraft(startOfMinute())).finish()));
      return exitCode.ok;
    }
    if (file === undefined)
      throw usageFailure({ id: 'Kurang: [draft], atau --example', en: 'Missing: [draft], or --example' });
    const days = wholeNumber('days', options.days ?? '30', { min: 1, max: 366 });
    const draft = readDraft(await readInput(file));
    let faulty = false;
    const code = await withCaller(options.as ?? 'WALIKOTA', invocation, async (caller) => {
      const request = { draft, replaces: options.replaces ?? '', days };
      const answered = await caller.call(DecisionServiceService.simulate, request, { ...permitPurpose, timeoutMs });
      const { message } = answered;
      faulty = message.fault !== undefined;
      if (options.json) {
        const bytes = SimulateResponse.encode(message).finish();
        console.log(answerJson({ ...answered, message: printJson('rangkiang.broker.v1.SimulateResponse', bytes) }));
      } else if (message.fault) {
        const { fault, field, text } = message.fault;
        console.error(`${field}: ${text} (${fault})`);
      } else {
        console.log(impactReport(draft, message, invocation.locale));
      }
    });
    return faulty ? exitCode.failed : code;
  },
});

/** Throws a failure that names the field: a draft that cannot be read is as little use as one that would not count. */
function readDraft(json: string): Izin {
  try {
    return Izin.decode(messageFromJson(IZIN, json));
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    const field = unreadableField(json);
    const { id, en } = error.text;
    const text = field === undefined ? error.text : { id: `${field}: ${id}`, en: `${field}: ${en}` };
    throw new CliFailure(text, exitCode.failed, { cause: error });
  }
}

/** The first field that cannot be read by itself; undefined when the text as a whole is no JSON object. */
function unreadableField(json: string): string | undefined {
  try {
    return Object.entries(JSON.parse(json)).find(([field, value]) => !isReadable({ [field]: value }))?.[0];
  } catch {
    return undefined;
  }
}

function isReadable(part: object): boolean {
  try {
    messageFromJson(IZIN, JSON.stringify(part));
    return true;
  } catch {
    return false;
  }
}

function startOfMinute(): Date {
  const minuteMs = 60_000;
  return new Date(Math.floor(Date.now() / minuteMs) * minuteMs);
}
