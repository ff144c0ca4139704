import { printJson } from '../../mesh/contract.ts';
import { EmergencyRecord, EmergencyState } from '../../proto/gen/rangkiang/permit/v1/emergency.ts';
import { enumName } from '../enum-name.ts';
import type { Told } from '../permits/words.ts';

/** An emergency; on the line its id, state, OPD, permit, times, the day by which it must be reviewed, and why it was. */
export function tellEmergency(emergency: EmergencyRecord): Told {
  const { activationId, state, opd, permitId, from, until, reviewDue, reason } = emergency;
  const words = [
    activationId,
    enumName(EmergencyState, state).padEnd(11),
    opd,
    permitId,
    `${from?.toISOString()} -> ${until?.toISOString()}`,
    `<= ${reviewDue?.toISOString().slice(0, 10)}`,
    reason,
  ];
  const bytes = EmergencyRecord.encode(emergency).finish();
  return { line: words.join('  '), json: printJson('rangkiang.permit.v1.EmergencyRecord', bytes) };
}
