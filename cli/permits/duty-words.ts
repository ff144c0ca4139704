import { printJson } from '../../mesh/contract.ts';
import { Duty, DutyState, type LateDuty } from '../../proto/gen/rangkiang/permit/v1/duty.ts';
import { enumName } from '../enum-name.ts';
import type { Locale, Text } from '../language.ts';
import type { Told } from './words.ts';

const due: Text = { id: 'paling lambat', en: 'due' };
const grace: Text = { id: 'tenggang sampai', en: 'grace until' };

/** A duty; on the line its state, permit, OPD, kind and period, its days, and what was handed in and said of it. */
export function tellDuty(duty: Duty, locale: Locale): Told {
  const { reference = '', remarks = '' } = duty.handedIn ?? {};
  const words = [
    enumName(DutyState, duty.state).padEnd(9),
    duty.permitId,
    duty.opd.padEnd(11),
    duty.kind,
    duty.period,
    `${due[locale]} ${duty.due}`,
    `${grace[locale]} ${duty.graceEnd}`,
    reference,
    remarks,
  ];
  const json = printJson('rangkiang.permit.v1.Duty', Duty.encode(duty).finish());
  return { line: words.filter(Boolean).join('  '), json };
}

/** A duty that is late, as it stands beside what the permit allows. */
export function lateLine({ kind, period, graceEnd, state }: LateDuty, locale: Locale): string {
  return `${kind} ${period}, ${grace[locale]} ${graceEnd} (${enumName(DutyState, state)})`;
}
