import { ApplicationState, PermitState } from '../../proto/gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService } from '../../proto/gen/rangkiang/permit/v1/permit_service.ts';
import type { Caller } from '../client/caller.ts';
import { oneLine } from '../client/print.ts';
import { CallRefused } from '../client/refusal.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, oneOf } from '../command.ts';
import { permitPurpose, present } from '../permits/flow.ts';
import { type Told, tellApplication, tellPermit } from '../permits/words.ts';

const asOption = {
  as: {
    type: 'string',
    value: 'CALLER',
    help: { id: 'Sebagai pemanggil ini (bawaan WALIKOTA)', en: 'As this caller (default WALIKOTA)' },
  },
} as const;

const pageSize = 500;
const listable = ['ACTIVE', 'SUSPENDED', 'EXPIRED', 'REVOKED', 'WAITING'] as const;
/** Applications that somebody still has to do something about. */
const undecided = ['SUBMITTED', 'CHANGES_REQUESTED', 'RECOMMENDED', 'APPROVED'] as const;

/** Lists permits, or the applications that wait for Disdukcapil, the OPD, the Dirjen or the Walikota. */
export const permitListCommand = defineCommand({
  name: ['permit', 'list'],
  operands: [],
  summary: {
    id: 'Daftar izin, atau permohonan yang menunggu (--only WAITING)',
    en: 'List permits, or the applications that wait (--only WAITING)',
  },
  options: {
    opd: { type: 'string', value: 'OPD', help: { id: 'Hanya OPD ini', en: 'Only this OPD' } },
    only: {
      type: 'string',
      value: 'STATE',
      help: {
        id: 'Hanya izin ACTIVE, SUSPENDED, EXPIRED atau REVOKED, atau permohonan yang WAITING',
        en: 'Only permits that are ACTIVE, SUSPENDED, EXPIRED or REVOKED, or applications that are WAITING',
      },
    },
    ...asOption,
    ...jsonOption,
  },
  async run({ options, ...invocation }) {
    const only = options.only === undefined ? 'ALL' : oneOf('only', options.only, listable);
    const list = only === 'WAITING' ? waitingApplications : permitsThatAre(only);
    return withCaller(options.as ?? 'WALIKOTA', invocation, async (caller) => {
      for await (const { line, json } of list(caller, options.opd ?? '')) {
        console.log(options.json ? oneLine(json) : line);
      }
    });
  },
});

/** Shows a permit with its signed bytes, or an application that has not become one. */
export const permitShowCommand = defineCommand({
  name: ['permit', 'show'],
  operands: ['<id>'],
  summary: {
    id: 'Tampilkan satu izin, atau permohonan dengan nomor itu',
    en: 'Show a permit, or the application with that id',
  },
  options: { ...asOption, ...jsonOption },
  async run({ operands: [id = ''], options, ...invocation }) {
    return withCaller(options.as ?? 'WALIKOTA', invocation, async (caller) => {
      const json = await readPermit(caller, id);
      console.log(options.json ? oneLine(json) : json);
    });
  },
});

function permitsThatAre(state: 'ALL' | 'ACTIVE' | 'SUSPENDED' | 'EXPIRED' | 'REVOKED') {
  const wanted = state === 'ALL' ? PermitState.UNSPECIFIED : PermitState[state];
  return async function* (caller: Caller, opd: string): AsyncGenerator<Told> {
    let pageToken = '';
    do {
      const request = { opd, state: wanted, pageSize, pageToken };
      const { message } = await caller.call(PermitServiceService.listPermits, request, permitPurpose);
      yield* message.permits.map(tellPermit);
      pageToken = message.nextPageToken;
    } while (pageToken !== '');
  };
}

async function* waitingApplications(caller: Caller, opd: string): AsyncGenerator<Told> {
  for (const state of undecided) {
    let pageToken = '';
    do {
      const request = { opd, state: ApplicationState[state], pageSize, pageToken };
      const { message } = await caller.call(PermitServiceService.listApplications, request, permitPurpose);
      yield* message.applications.map(tellApplication);
      pageToken = message.nextPageToken;
    } while (pageToken !== '');
  }
}

/** The permit as ProtoJSON; where there is none, the application with that id. */
async function readPermit(caller: Caller, id: string): Promise<string> {
  try {
    const { message } = await caller.call(PermitServiceService.getPermit, { permitId: id }, permitPurpose);
    return tellPermit(present(message.permit)).json;
  } catch (error) {
    if (!(error instanceof CallRefused && error.refusal.reason === 'PERMIT_NOT_FOUND')) throw error;
    const { message } = await caller.call(PermitServiceService.getApplication, { applicationId: id }, permitPurpose);
    return tellApplication(present(message.application)).json;
  }
}
