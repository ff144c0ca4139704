import type { CheckStoredRequest, CheckStoredResponse } from '#gen/rangkiang/audit/v1/proof.ts';
import type { CallContext } from '#mesh/server.ts';
import { checkPages, type StoredLog } from '../domain/check-pages.ts';
import type { ProvenLog } from '../domain/proven-log.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';

const BUDGET_MS = 2_000;

/** CheckStored, of what a signed head holds: what comes after it may be on its way. */
export function checkStored(log: StoredLog & ProvenLog) {
  return async ({ fromIndex, belowIndex }: CheckStoredRequest, call: CallContext): Promise<CheckStoredResponse> => {
    requireWholeLog(call.grant);
    // Another replica may have had more signed than this one knows of.
    if (belowIndex > log.heads.head.size) await log.heads.adopt();
    const { size } = log.heads.head;
    const page = await checkPages(log, fromIndex, belowIndex < size ? belowIndex : size, BUDGET_MS);
    call.record.rows = Number(page.records);
    return page;
  };
}
