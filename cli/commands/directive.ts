import { randomUUID } from 'node:crypto';
import type { DirectiveState } from '../../proto/gen/rangkiang/permit/v1/directive.ts';
import { DirectiveServiceService } from '../../proto/gen/rangkiang/permit/v1/directive_service.ts';
import type { Caller } from '../client/caller.ts';
import { answerJson, answerText, oneLine } from '../client/print.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, oneOf, wholeNumber } from '../command.ts';
import { signLiftAsWalikota } from '../directives/sign-lift.ts';
import { readTarget, targetKinds } from '../directives/target.ts';
import { tellDirective, tellFreeze } from '../directives/words.ts';
import { usageFailure } from '../failure.ts';
import { present } from '../permits/flow.ts';

const oversight = { purpose: 'PENGAWASAN' } as const;
const givers = ['SECURITY', 'WALIKOTA'] as const;
const pageSize = 500;

const asOption = {
  as: {
    type: 'string',
    value: 'CALLER',
    help: { id: 'Sebagai SECURITY (bawaan) atau WALIKOTA', en: 'As SECURITY (default) or WALIKOTA' },
  },
} as const;
const brokerOption = {
  broker: {
    type: 'string',
    value: 'N',
    help: { id: 'Lewat broker ke-N (bawaan 1)', en: 'Through the Nth broker (default 1)' },
  },
} as const;
const reasonOption = {
  reason: {
    type: 'string',
    value: 'TEXT',
    help: {
      id: 'Alasan, paling sedikit 10 huruf, tanpa data pribadi',
      en: 'Why, at least 10 letters, without personal data',
    },
  },
} as const;

function required(reason: string | undefined): string {
  if (reason === undefined) throw usageFailure({ id: 'Kurang: --reason TEXT', en: 'Missing: --reason TEXT' });
  return reason;
}

function brokerOf(option: string | undefined): number {
  return wholeNumber('broker', option ?? '1', { min: 1, max: 99 });
}

/** Freezes for the whole city. When it is done, no broker releases another answer under what is frozen. */
export const directiveFreezeCommand = defineCommand({
  name: ['directive', 'freeze'],
  operands: ['<kind>', '<name>'],
  summary: {
    id: 'Bekukan di seluruh kota; selesai bila tidak ada broker yang masih menjawab',
    en: 'Freeze for the whole city; done when no broker answers any more',
  },
  details: {
    id: `kind: ${targetKinds.join(', ')}. name: DKK; DKK/PKM-PAUH; DKK/PKM-PAUH/simpus; nomor seri; operator; GetResident; AGAMA.`,
    en: `kind: ${targetKinds.join(', ')}. name: DKK; DKK/PKM-PAUH; DKK/PKM-PAUH/simpus; a serial; an operator; GetResident; AGAMA.`,
  },
  options: { ...reasonOption, ...asOption, ...brokerOption, ...jsonOption },
  async run({ operands: [kind = '', name = ''], options, ...invocation }) {
    const target = readTarget(kind, name);
    const request = { requestId: randomUUID(), target, reason: required(options.reason) };
    const giver = oneOf('as', options.as ?? 'SECURITY', givers);
    return withCaller(giver, { ...invocation, broker: brokerOf(options.broker) }, async (caller) => {
      const answered = await caller.call(DirectiveServiceService.freeze, request, oversight);
      const { line, json } = tellFreeze(answered.message, invocation.locale);
      console.log(
        options.json
          ? answerJson({ ...answered, message: json })
          : answerText({ ...answered, message: line }, invocation.locale),
      );
    });
  },
});

/** Lifts a freeze with an order signed by the Walikota's key. */
export const directiveLiftCommand = defineCommand({
  name: ['directive', 'lift'],
  operands: ['<directive>'],
  summary: {
    id: 'Cabut pembekuan sebagai Walikota, dengan tanda tangan; sah bila jawabannya datang',
    en: 'Lift a freeze as the Walikota, by signature; it counts when the answer comes',
  },
  options: { ...reasonOption, ...brokerOption, ...jsonOption },
  async run({ operands: [directiveId = ''], options, ...invocation }) {
    const reason = required(options.reason);
    return withCaller('WALIKOTA', { ...invocation, broker: brokerOf(options.broker) }, async (caller, layout) => {
      const target = (await find(caller, directiveId)).directive?.target;
      const jws = await signLiftAsWalikota(layout, { directiveId, target, reason });
      const answered = await caller.call(DirectiveServiceService.lift, { requestId: randomUUID(), jws }, oversight);
      const { line, json } = tellDirective(present(answered.message.directive), invocation.locale);
      console.log(
        options.json
          ? answerJson({ ...answered, message: json })
          : answerText({ ...answered, message: line }, invocation.locale),
      );
    });
  },
});

/** Lists what is frozen. */
export const directiveListCommand = defineCommand({
  name: ['directive', 'list'],
  operands: [],
  summary: { id: 'Daftar yang sedang dibekukan, terbaru dahulu', en: 'List what is frozen, newest first' },
  options: {
    all: { type: 'boolean', help: { id: 'Juga yang sudah dicabut', en: 'Lifted ones too' } },
    ...asOption,
    ...jsonOption,
  },
  async run({ options, ...invocation }) {
    const giver = oneOf('as', options.as ?? 'SECURITY', givers);
    return withCaller(giver, invocation, async (caller) => {
      for await (const state of list(caller, options.all ?? false)) {
        const { line, json } = tellDirective(state, invocation.locale);
        console.log(options.json ? oneLine(json) : line);
      }
    });
  },
});

async function* list(caller: Caller, includeLifted: boolean): AsyncGenerator<DirectiveState> {
  let pageToken = '';
  do {
    const request = { includeLifted, pageSize, pageToken };
    const { message } = await caller.call(DirectiveServiceService.listDirectives, request, oversight);
    yield* message.directives;
    pageToken = message.nextPageToken;
  } while (pageToken !== '');
}

/** The directive as the service shows it: its target is what the Walikota signs. */
async function find(caller: Caller, directiveId: string): Promise<DirectiveState> {
  for await (const state of list(caller, true)) {
    if (state.directive?.directiveId === directiveId) return state;
  }
  throw usageFailure({
    id: `Tidak ada perintah pembekuan ${directiveId}. Lihat "rangkiang directive list".`,
    en: `There is no directive ${directiveId}. See "rangkiang directive list".`,
  });
}
