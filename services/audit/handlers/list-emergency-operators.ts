import type {
  ListEmergencyOperatorsRequest,
  ListEmergencyOperatorsResponse,
} from '#gen/rangkiang/audit/v1/emergency_use.ts';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { everything } from '../domain/record-filter.ts';
import type { LogReader } from '../store/read-records.ts';

/** Writers have clocks of their own. */
const CLOCKS_APART_MS = 3_600_000;
const ROWS_AT_ONCE = 1_000;

/** ListEmergencyOperators. */
export function listEmergencyOperators(log: Pick<LogReader, 'oldest' | 'size'>) {
  return async (request: ListEmergencyOperatorsRequest): Promise<ListEmergencyOperatorsResponse> => {
    const { opd, activationId: emergency, from } = request;
    const filter = { ...everything, opd, emergency, fromTime: new Date(Number(from) - CLOCKS_APART_MS) };
    const operators = new Set<string>();
    const below = await log.size();
    for (let next = 0n; next < below; ) {
      const rows = await log.oldest({ filter, from: next, below, limit: ROWS_AT_ONCE });
      for (const { leaf } of rows) {
        const { operatorPseudonym } = Leaf.decode(leaf);
        if (operatorPseudonym !== '') operators.add(operatorPseudonym);
      }
      next = rows.length < ROWS_AT_ONCE ? below : (rows.at(-1)?.index ?? below) + 1n;
    }
    return { operatorPseudonyms: [...operators] };
  };
}
