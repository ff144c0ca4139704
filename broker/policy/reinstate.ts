import type { Pemulihan } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { faultOf } from './permits-in-making.ts';
import type { Quarantined } from './snapshot.ts';

/** Lifts the suspension in force that a signed document names, once. Answers why it does not count. */
export async function reinstate(
  document: Promise<Pemulihan>,
  suspended: Map<string, string>,
  lifted: Set<string>,
): Promise<Omit<Quarantined, 'version'> | undefined> {
  let permit = '';
  try {
    const { permitId, suspensionId } = await document;
    permit = permitId;
    if (suspended.get(permitId) !== suspensionId || lifted.has(suspensionId)) {
      return { permit, fault: 'SUSPENSION_NOT_IN_FORCE' };
    }
    suspended.delete(permitId);
    lifted.add(suspensionId);
    return undefined;
  } catch (error) {
    return { permit, fault: faultOf(error) };
  }
}
