import { Kind } from '../../proto/gen/rangkiang/audit/v1/leaf.ts';

/** How a kind of record is told to other people's programs. */
export interface Telling {
  /** What was done. */
  readonly activity: 'CREATE' | 'READ' | 'UPDATE' | 'DELETE' | 'OTHER';
  readonly status: 'SUCCESS' | 'FAILURE' | 'OTHER';
  readonly severity: 'INFORMATIONAL' | 'LOW' | 'MEDIUM' | 'HIGH';
}

const tellings: ReadonlyMap<number, Telling> = new Map<number, Telling>([
  [Kind.DISCLOSED, { activity: 'READ', status: 'SUCCESS', severity: 'INFORMATIONAL' }],
  [Kind.EMPTY, { activity: 'READ', status: 'SUCCESS', severity: 'INFORMATIONAL' }],
  [Kind.FAILED, { activity: 'OTHER', status: 'FAILURE', severity: 'LOW' }],
  [Kind.DENIED, { activity: 'OTHER', status: 'FAILURE', severity: 'LOW' }],
  [Kind.WITHHELD, { activity: 'READ', status: 'FAILURE', severity: 'LOW' }],
  [Kind.UNKNOWN, { activity: 'OTHER', status: 'OTHER', severity: 'MEDIUM' }],
  [Kind.POLICY, { activity: 'UPDATE', status: 'SUCCESS', severity: 'LOW' }],
  [Kind.REGISTER, { activity: 'UPDATE', status: 'SUCCESS', severity: 'INFORMATIONAL' }],
  [Kind.READ, { activity: 'READ', status: 'SUCCESS', severity: 'INFORMATIONAL' }],
  [Kind.WATCH_OPENED, { activity: 'READ', status: 'SUCCESS', severity: 'INFORMATIONAL' }],
  [Kind.WATCH_CONTINUES, { activity: 'READ', status: 'SUCCESS', severity: 'INFORMATIONAL' }],
  [Kind.WATCH_CLOSED, { activity: 'READ', status: 'SUCCESS', severity: 'INFORMATIONAL' }],
  [Kind.REFUSALS, { activity: 'OTHER', status: 'FAILURE', severity: 'MEDIUM' }],
  [Kind.APPLICATION, { activity: 'CREATE', status: 'SUCCESS', severity: 'INFORMATIONAL' }],
  [Kind.ALERT, { activity: 'OTHER', status: 'SUCCESS', severity: 'HIGH' }],
  [Kind.ALERT_ACKNOWLEDGED, { activity: 'UPDATE', status: 'SUCCESS', severity: 'LOW' }],
  [Kind.ERASURE, { activity: 'DELETE', status: 'SUCCESS', severity: 'LOW' }],
  [Kind.OBJECTION, { activity: 'CREATE', status: 'SUCCESS', severity: 'MEDIUM' }],
  [Kind.RETENTION, { activity: 'DELETE', status: 'SUCCESS', severity: 'INFORMATIONAL' }],
  [Kind.PRUNED, { activity: 'DELETE', status: 'SUCCESS', severity: 'LOW' }],
  [Kind.DUTY, { activity: 'UPDATE', status: 'SUCCESS', severity: 'INFORMATIONAL' }],
  [Kind.EMERGENCY_ACTIVATED, { activity: 'CREATE', status: 'SUCCESS', severity: 'HIGH' }],
  [Kind.EMERGENCY_ENDED, { activity: 'UPDATE', status: 'SUCCESS', severity: 'MEDIUM' }],
  [Kind.EMERGENCY_REVIEWED, { activity: 'UPDATE', status: 'SUCCESS', severity: 'LOW' }],
]);

/** A kind that came into the contract after this program: it passes, and somebody should look. */
const unknown: Telling = { activity: 'OTHER', status: 'OTHER', severity: 'MEDIUM' };

/** How a kind is told, also one that we do not know. */
export function tellingOf(kind: number): Telling {
  return tellings.get(kind) ?? unknown;
}
