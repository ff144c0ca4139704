import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { ListBreachedRequest, ListBreachedResponse } from '#gen/rangkiang/audit/v1/subject.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import type { CallContext } from '#mesh/server.ts';
import { type BreachParts, listBreached as list } from '../domain/breached.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';

/** ListBreached. The NIKs that leave with it are recorded as any disclosure. */
export function listBreached(parts: BreachParts) {
  return async (request: ListBreachedRequest, call: CallContext): Promise<ListBreachedResponse> => {
    requireWholeLog(call.grant);
    const page = await list(parts, request);
    const subjects = [...new Set(page.accesses.flatMap(({ niks }) => niks))];
    Object.assign(call.record, { rows: page.accesses.length, subjects });
    if (subjects.length > 0) Object.assign(call.record, { kind: Kind.DISCLOSED, elements: [Element.NIK] });
    return page;
  };
}
