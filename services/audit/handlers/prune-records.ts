import { Kind, type PrunedRange } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { PruneRecordsRequest, PruneRecordsResponse } from '#gen/rangkiang/audit/v1/prune.ts';
import { type Appender, makeEntry, newDraft } from '#mesh/record.ts';
import type { CallContext } from '#mesh/server.ts';
import { type PruneParts, pruneRecords as prune } from '../domain/prune-records.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';

/** PruneRecords. A look that removes nothing is recorded as reading. */
export function pruneRecords(parts: PruneParts, audit: Appender) {
  return async (request: PruneRecordsRequest, call: CallContext): Promise<PruneRecordsResponse> => {
    requireWholeLog(call.grant);
    const { method, traceId } = call;
    const record = async (kind: Kind, pruned: readonly PrunedRange[]) => {
      const grant = { ...call.grant, caseNumber: request.letter };
      const facts = { kind, method: method.path, writer: 'audit', traceId, pruned };
      const { index } = await audit.append(makeEntry(grant, newDraft(), facts));
      call.auditIndex = index;
      return index;
    };
    const answer = await prune(parts, request, (pruned) => record(Kind.PRUNED, pruned));
    if (call.auditIndex === undefined) await record(Kind.READ, []);
    return answer;
  };
}
