import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import type { CallSettings } from '../client/caller.ts';
import { findMethod } from '../client/find-method.ts';
import { callJson, streamJson } from '../client/json-call.ts';
import { answerJson, answerText, oneLine } from '../client/print.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, wholeNumber } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { messageFromJson, readInput } from '../read-input.ts';

const options = {
  purpose: {
    type: 'string',
    value: 'P',
    help: {
      id: 'Tujuan pemakaian data, misalnya PELAYANAN_PUBLIK',
      en: 'Why the data are used, e.g. PELAYANAN_PUBLIK',
    },
  },
  permit: {
    type: 'string',
    value: 'UUID',
    help: {
      id: 'Izin yang dipakai (bawaan: yang tertua yang cocok)',
      en: 'Permit to use (default: the oldest that fits)',
    },
  },
  case: { type: 'string', value: 'NO', help: { id: 'Nomor kasus', en: 'Case number' } },
  operator: {
    type: 'string',
    value: 'JWT|FILE',
    help: {
      id: 'Pernyataan operator, atau berkas yang memuatnya',
      en: "The operator's assertion, or a file that holds it",
    },
  },
  broker: { type: 'string', value: 'N', help: { id: 'Broker ke-N (bawaan 1)', en: 'The Nth broker (default 1)' } },
  ...jsonOption,
} as const;

/** Calls one method as an OPD would, over mTLS through a broker. */
export const callCommand = defineCommand({
  name: ['call'],
  operands: ['<caller>', '<Method>', '[json]'],
  summary: {
    id: 'Panggil satu metode lewat broker sebagai OPD, unit, atau kantor',
    en: 'Call a method through the broker as an OPD, unit or office',
  },
  details: {
    id: [
      'caller: nama berkas di clients/, misalnya DKK, PKM-LUBUK-BUAYA, SECURITY.',
      'Method: nama pendek (GetResident) atau lengkap (/rangkiang.resident.v1.ResidentService/GetResident).',
      'json: isi permintaan (ProtoJSON); "-" membacanya dari masukan standar, agar NIK tidak tinggal di riwayat shell.',
    ].join('\n'),
    en: [
      'caller: name of a file in clients/, e.g. DKK, PKM-LUBUK-BUAYA, SECURITY.',
      'Method: short name (GetResident) or full path (/rangkiang.resident.v1.ResidentService/GetResident).',
      'json: the request (ProtoJSON); "-" reads it from standard input, so that a NIK does not stay in the shell history.',
    ].join('\n'),
  },
  options,
  async run({ operands: [callerName = '', methodName = '', json = '{}'], options, locale, stateDir }) {
    const method = findMethod(methodName);
    if (method.requestStream) {
      throw usageFailure({
        id: `${method.name} menerima aliran permintaan; pakai "rangkiang population import".`,
        en: `${method.name} takes a stream of requests; use "rangkiang population import".`,
      });
    }
    const request = messageFromJson(method.requestType, json === '-' ? await readInput(json) : json);
    const broker = options.broker === undefined ? 1 : wholeNumber('broker', options.broker, { min: 1, max: 99 });
    const settings: CallSettings = {
      purpose: options.purpose ?? statutePurposeName(method.policy.statutePurpose),
      permit: options.permit,
      caseNumber: options.case,
      operator: options.operator === undefined ? undefined : await readToken(options.operator),
    };
    return withCaller(callerName, { stateDir, locale, broker }, async (caller) => {
      if (method.responseStream) {
        for await (const answer of streamJson(caller, method, request, settings)) {
          console.log(options.json ? oneLine(answer) : answer);
        }
        return;
      }
      const answered = await callJson(caller, method, request, settings);
      console.log(options.json ? answerJson(answered) : answerText(answered, locale));
    });
  },
});

/** Methods that statute grants have one purpose only, so nobody needs to type it. */
function statutePurposeName(purpose: Purpose): string | undefined {
  if (purpose === Purpose.UNSPECIFIED) return undefined;
  return Object.entries(Purpose).find(([, value]) => value === purpose)?.[0];
}

/** A token as it is, or the one in a file; "-" reads standard input. A token is a password: history keeps what is typed. */
async function readToken(text: string): Promise<string> {
  return /^ey[\w-]+\.[\w-]+\.[\w-]+$/.test(text) ? text : (await readInput(text)).trim();
}
