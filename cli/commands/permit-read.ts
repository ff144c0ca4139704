import { printJson } from '../../mesh/contract.ts';
import { Application, ApplicationState, Permit, PermitState } from '../../proto/gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService } from '../../proto/gen/rangkiang/permit/v1/permit_service.ts';
import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import type { Caller } from '../client/caller.ts';
import { CallRefused } from '../client/refusal.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption, oneOf } from '../command.ts';
import { enumName } from '../enum-name.ts';
import { permitPurpose, present } from '../permits/flow.ts';

const asOption = {
  as: {
    type: 'string',
    value: 'CALLER',
    help: { id: 'Sebagai pemanggil ini (bawaan WALIKOTA)', en: 'As this caller (default WALIKOTA)' },
  },
} as const;

const states = Object.keys(PermitState).filter((name) => name !== 'UNSPECIFIED') as (keyof typeof PermitState)[];

/** Lists permits, or the applications that wait for the Walikota. */
export const permitListCommand = defineCommand({
  name: ['permit', 'list'],
  operands: [],
  summary: {
    id: 'Daftar izin, atau permohonan yang menunggu (--waiting)',
    en: 'List permits, or the applications that wait (--waiting)',
  },
  options: {
    waiting: {
      type: 'boolean',
      help: { id: 'Permohonan yang menunggu tanda tangan', en: 'Applications that wait for a signature' },
    },
    opd: { type: 'string', value: 'OPD', help: { id: 'Hanya OPD ini', en: 'Only this OPD' } },
    only: {
      type: 'string',
      value: 'STATE',
      help: { id: 'Hanya keadaan ini: ACTIVE atau REVOKED', en: 'Only this state: ACTIVE or REVOKED' },
    },
    ...asOption,
    ...jsonOption,
  },
  async run({ options, ...invocation }) {
    return withCaller(options.as ?? 'WALIKOTA', invocation, async (caller) => {
      const request = { opd: options.opd ?? '', pageSize: 500 };
      const state =
        options.only === undefined ? PermitState.UNSPECIFIED : PermitState[oneOf('only', options.only, states)];
      const lines = options.waiting
        ? pages(async (pageToken) => {
            const waiting = { ...request, pageToken, state: ApplicationState.SUBMITTED };
            const { message } = await caller.call(PermitServiceService.listApplications, waiting, permitPurpose);
            return { lines: message.applications.map(options.json ? applicationJson : applicationLine), ...message };
          })
        : pages(async (pageToken) => {
            const { message } = await caller.call(
              PermitServiceService.listPermits,
              { ...request, pageToken, state },
              permitPurpose,
            );
            return { lines: message.permits.map(options.json ? permitJson : permitLine), ...message };
          });
      for await (const line of lines) console.log(line);
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
      const text = await showPermit(caller, id).catch((error) => {
        if (error instanceof CallRefused && error.refusal.reason === 'PERMIT_NOT_FOUND')
          return showApplication(caller, id);
        throw error;
      });
      console.log(options.json ? JSON.stringify(JSON.parse(text)) : text);
    });
  },
});

async function* pages(read: (pageToken: string) => Promise<{ lines: string[]; nextPageToken: string }>) {
  let pageToken = '';
  do {
    const page = await read(pageToken);
    yield* page.lines;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}

async function showPermit(caller: Caller, permitId: string): Promise<string> {
  const { message } = await caller.call(PermitServiceService.getPermit, { permitId }, permitPurpose);
  return permitText(present(message.permit));
}

async function showApplication(caller: Caller, applicationId: string): Promise<string> {
  const { message } = await caller.call(PermitServiceService.getApplication, { applicationId }, permitPurpose);
  return applicationText(present(message.application));
}

function permitLine({ permitId, izin, state }: Permit): string {
  const said = present(izin);
  const until = said.validUntil?.toISOString().slice(0, 10) ?? '';
  return [
    permitId,
    enumName(PermitState, state).padEnd(7),
    said.opd.padEnd(11),
    enumName(Purpose, said.purpose),
    said.methods.map((method) => method.split('/').at(-1)).join(','),
    said.number,
    `-> ${until}`,
  ].join('  ');
}

function applicationLine({ applicationId, opd, content, submitTime }: Application): string {
  const asked = present(content);
  return [
    applicationId,
    opd.padEnd(11),
    enumName(Purpose, asked.purpose),
    asked.methods.map((method) => method.split('/').at(-1)).join(','),
    submitTime?.toISOString() ?? '',
  ].join('  ');
}

const permitText = (permit: Permit) => printJson('rangkiang.permit.v1.Permit', Permit.encode(permit).finish());
const permitJson = (permit: Permit) => JSON.stringify(JSON.parse(permitText(permit)));
const applicationText = (application: Application) =>
  printJson('rangkiang.permit.v1.Application', Application.encode(application).finish());
const applicationJson = (application: Application) => JSON.stringify(JSON.parse(applicationText(application)));
