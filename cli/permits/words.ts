import { printJson } from '../../mesh/contract.ts';
import { DutyState } from '../../proto/gen/rangkiang/permit/v1/duty.ts';
import { RenewPermitResponse, SuspendPermitResponse } from '../../proto/gen/rangkiang/permit/v1/life_cycle.ts';
import {
  Application,
  ApplicationState,
  Permit,
  PermitState,
  RevokePermitResponse,
} from '../../proto/gen/rangkiang/permit/v1/permit.ts';
import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import { enumName } from '../enum-name.ts';
import type { Locale, Text } from '../language.ts';
import { present } from './flow.ts';

/** Something told in two ways: on a line for people, as ProtoJSON for programs. */
export interface Told {
  readonly line: string;
  readonly json: string;
}

/** A permit; on the line its id, state, OPD, purpose, methods, number, last day and what is late. */
export function tellPermit(permit: Permit): Told {
  const { permitId, state } = permit;
  const izin = present(permit.izin);
  const words = [
    permitId,
    enumName(PermitState, state).padEnd(11),
    izin.opd.padEnd(11),
    enumName(Purpose, izin.purpose),
    shortNames(izin.methods),
    izin.number,
    `-> ${izin.validUntil?.toISOString().slice(0, 10)}`,
    ...permit.lateDuties.map(({ kind, period, state }) => `${enumName(DutyState, state)}: ${kind} ${period}`),
  ];
  return { line: words.join('  '), json: printJson('rangkiang.permit.v1.Permit', Permit.encode(permit).finish()) };
}

/** An application; on the line its id, state, OPD, purpose, methods and time of submission. */
export function tellApplication(application: Application): Told {
  const { applicationId, state, opd, submitTime } = application;
  const content = present(application.content);
  const words = [
    applicationId,
    enumName(ApplicationState, state).padEnd(17),
    opd.padEnd(11),
    enumName(Purpose, content.purpose),
    shortNames(content.methods),
    submitTime?.toISOString() ?? '',
  ];
  const bytes = Application.encode(application).finish();
  return { line: words.join('  '), json: printJson('rangkiang.permit.v1.Application', bytes) };
}

/** A revocation; on the line the permit, and how it is known that no broker answers under it. */
export function tellRevocation(response: RevokePermitResponse, locale: Locale): Told {
  const json = printJson('rangkiang.permit.v1.RevokePermitResponse', RevokePermitResponse.encode(response).finish());
  return { line: narrowingLine(response, locale), json };
}

/** A suspension, told like a revocation. */
export function tellSuspension(response: SuspendPermitResponse, locale: Locale): Told {
  const json = printJson('rangkiang.permit.v1.SuspendPermitResponse', SuspendPermitResponse.encode(response).finish());
  return { line: narrowingLine(response, locale), json };
}

/** A renewal, told like a revocation: no broker answers under the older version. */
export function tellRenewal(response: RenewPermitResponse, locale: Locale): Told {
  const json = printJson('rangkiang.permit.v1.RenewPermitResponse', RenewPermitResponse.encode(response).finish());
  return { line: narrowingLine(response, locale), json };
}

function narrowingLine(response: RevokePermitResponse, locale: Locale): string {
  return `${tellPermit(present(response.permit)).line}\n${tellBrokers(response, locale)}`;
}

/** How it is known that no broker acts on an older policy. */
export function tellBrokers(
  { brokersConfirmed, brokersLapsed }: Pick<RevokePermitResponse, 'brokersConfirmed' | 'brokersLapsed'>,
  locale: Locale,
): string {
  const brokers: Text = {
    id: `${brokersConfirmed} broker memastikan, ${brokersLapsed} broker habis sewanya`,
    en: `${brokersConfirmed} brokers confirmed, the leases of ${brokersLapsed} are over`,
  };
  return brokers[locale];
}

function shortNames(methods: readonly string[]): string {
  return methods.map((method) => method.split('/').at(-1)).join(',');
}
