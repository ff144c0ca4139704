import { randomUUID } from 'node:crypto';
import { printJson } from '../../mesh/contract.ts';
import {
  RegisterOperatorKeysResponse,
  WithdrawOperatorKeysResponse,
  WithdrawOperatorResponse,
} from '../../proto/gen/rangkiang/permit/v1/operator.ts';
import { OperatorServiceService as service } from '../../proto/gen/rangkiang/permit/v1/operator_service.ts';
import { answerJson, answerText, oneLine } from '../client/print.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, wholeNumber } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { developmentKey, longestMinutes, signOperatorToken } from '../operators/development-key.ts';
import { brokersLine, entryJson, entryLine, keyLine } from '../operators/words.ts';
import { permitPurpose } from '../permits/flow.ts';
import { readInput } from '../read-input.ts';
import { callers } from '../state/callers.ts';
import { layoutOf } from '../state/layout.ts';

const issuerOption = {
  issuer: {
    type: 'string',
    value: 'ISS',
    help: { id: 'Nama penerbit (iss)', en: 'Name of the issuer (iss)' },
  },
} as const;

/** Registers an OPD's keys for its operators. */
export const operatorRegisterCommand = defineCommand({
  name: ['operator', 'register'],
  operands: ['<opd>', '[jwks-file]'],
  summary: {
    id: 'Daftarkan kunci publik penerbit operator sebuah OPD',
    en: "Register the public keys of an OPD's issuer of operators",
  },
  details: {
    id: 'jwks-file: JWK Set (Ed25519 atau P-256); "-" membaca masukan standar. Tanpa berkas: kunci pengembangan OPD itu.',
    en: 'jwks-file: a JWK Set (Ed25519 or P-256); "-" reads standard input. Without a file: that OPD\'s development key.',
  },
  options: {
    ...issuerOption,
    operator: {
      type: 'string',
      value: 'SUB',
      help: { id: 'Kunci milik satu operator ini saja', en: 'The keys are of this one operator only' },
    },
    ...jsonOption,
  },
  async run({ operands: [opd = '', file], options, ...invocation }) {
    const given = file === undefined ? undefined : await readInput(file);
    if (given !== undefined && options.issuer === undefined) throw missing('--issuer ISS');
    return withCaller(opd, invocation, async (caller, layout) => {
      const { issuer, jwks } =
        given === undefined ? await developmentKey(layout, opd) : { issuer: options.issuer ?? '', jwks: given };
      const request = { requestId: randomUUID(), issuer, jwks, operator: options.operator ?? '' };
      const answered = await caller.call(service.registerOperatorKeys, request, permitPurpose);
      const { keys } = answered.message;
      const bytes = RegisterOperatorKeysResponse.encode(answered.message).finish();
      const message = options.json
        ? printJson('rangkiang.permit.v1.RegisterOperatorKeysResponse', bytes)
        : keys.map((key) => keyLine(key, invocation.locale)).join('\n');
      console.log(
        options.json ? answerJson({ ...answered, message }) : answerText({ ...answered, message }, invocation.locale),
      );
    });
  },
});

/** Withdraws an operator or keys of an OPD. When it is done, no broker answers them any more. */
export const operatorWithdrawCommand = defineCommand({
  name: ['operator', 'withdraw'],
  operands: ['<opd>'],
  summary: {
    id: 'Cabut operator (--operator) atau kunci penerbit (--issuer) sebuah OPD, untuk selamanya',
    en: "Withdraw an OPD's operator (--operator) or an issuer's keys (--issuer), for ever",
  },
  options: {
    operator: {
      type: 'string',
      value: 'SUB',
      help: { id: 'Operator yang dicabut', en: 'The operator to withdraw' },
    },
    ...issuerOption,
    kid: {
      type: 'string',
      value: 'KID',
      help: { id: 'Hanya kunci ini (bawaan: semua)', en: 'This key only (default: all)' },
    },
    ...jsonOption,
  },
  async run({ operands: [opd = ''], options, ...invocation }) {
    const { operator, issuer, kid } = options;
    if ((operator === undefined) === (issuer === undefined)) throw missing('--operator SUB | --issuer ISS');
    const requestId = randomUUID();
    return withCaller(opd, invocation, async (caller) => {
      const { locale } = invocation;
      if (operator !== undefined) {
        const answered = await caller.call(service.withdrawOperator, { requestId, operator }, permitPurpose);
        const bytes = WithdrawOperatorResponse.encode(answered.message).finish();
        const { brokersConfirmed, brokersLapsed } = answered.message;
        if (options.json) {
          const message = printJson('rangkiang.permit.v1.WithdrawOperatorResponse', bytes);
          console.log(answerJson({ ...answered, message }));
        } else {
          const message = brokersLine(brokersConfirmed, brokersLapsed, locale);
          console.log(answerText({ ...answered, message }, locale));
        }
        return;
      }
      const request = { requestId, issuer: issuer ?? '', kids: kid === undefined ? [] : [kid] };
      const answered = await caller.call(service.withdrawOperatorKeys, request, permitPurpose);
      const { keys, brokersConfirmed, brokersLapsed } = answered.message;
      if (options.json) {
        const bytes = WithdrawOperatorKeysResponse.encode(answered.message).finish();
        const message = printJson('rangkiang.permit.v1.WithdrawOperatorKeysResponse', bytes);
        console.log(answerJson({ ...answered, message }));
      } else {
        const lines = keys.map((key) => keyLine(key, locale));
        const message = [...lines, brokersLine(brokersConfirmed, brokersLapsed, locale)].join('\n');
        console.log(answerText({ ...answered, message }, locale));
      }
    });
  },
});

const pageSize = 500;

/** Lists an OPD's keys and withdrawn operators. */
export const operatorListCommand = defineCommand({
  name: ['operator', 'list'],
  operands: ['<opd>'],
  summary: {
    id: 'Daftar kunci dan operator yang dicabut sebuah OPD, terbaru dahulu',
    en: "List an OPD's keys and withdrawn operators, newest first",
  },
  options: jsonOption,
  async run({ operands: [opd = ''], options, ...invocation }) {
    return withCaller(opd, invocation, async (caller) => {
      let pageToken = '';
      do {
        const { message } = await caller.call(service.listOperators, { pageSize, pageToken }, permitPurpose);
        for (const entry of message.entries) {
          console.log(options.json ? oneLine(entryJson(entry)) : entryLine(entry, invocation.locale));
        }
        pageToken = message.nextPageToken;
      } while (pageToken !== '');
    });
  },
});

/** Asserts an operator with the OPD's development key. */
export const operatorTokenCommand = defineCommand({
  name: ['operator', 'token'],
  operands: ['<caller>'],
  summary: {
    id: 'Buat pernyataan operator untuk mesh pengembangan',
    en: "Make an operator's assertion for a development mesh",
  },
  details: {
    id: [
      'Seperti penerbit OPD bila operatornya masuk: untuk panggilan oleh caller saja, paling lama 10 menit.',
      'Kuncinya dibuat sekali di operators/ dan berlaku sesudah "operator register <opd>".',
    ].join('\n'),
    en: [
      "As the OPD's issuer does when its operator signs in: for calls by this caller only, for at most 10 minutes.",
      'Its key is made once, in operators/, and counts after "operator register <opd>".',
    ].join('\n'),
  },
  options: {
    sub: { type: 'string', value: 'SUB', help: { id: 'Id operator', en: "The operator's id" } },
    name: { type: 'string', value: 'NAME', help: { id: 'Nama operator', en: "The operator's name" } },
    minutes: {
      type: 'string',
      value: 'N',
      help: { id: 'Masa berlaku dalam menit (bawaan 10)', en: 'Minutes that it is good for (default 10)' },
    },
  },
  async run({ operands: [callerName = ''], options, stateDir }) {
    const { sub, name } = options;
    if (sub === undefined) throw missing('--sub SUB');
    const minutes = wholeNumber('minutes', options.minutes ?? String(longestMinutes), { min: 1, max: longestMinutes });
    const caller = callers.find((known) => known.name === callerName);
    if (!caller) {
      throw usageFailure({ id: `Tidak ada pemanggil "${callerName}".`, en: `There is no caller "${callerName}".` });
    }
    const key = await developmentKey(layoutOf(stateDir), caller.opd);
    console.log(await signOperatorToken(key, caller, { sub, name, minutes }));
    return 0;
  },
});

function missing(option: string) {
  return usageFailure({ id: `Kurang: ${option}`, en: `Missing: ${option}` });
}
