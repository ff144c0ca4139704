import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EffectiveRow, ListEffectiveRequest, ListEffectiveResponse } from '#gen/rangkiang/broker/v1/effective.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { PolicySource } from './admission.ts';
import { effectiveRow, usesOf } from './policy/effective.ts';
import { explanationText } from './policy/explanations.ts';
import { termsOf } from './policy/permit-terms.ts';
import { subjectOpd } from './subject-opd.ts';

/** A row has at most 2 KB: 128 regions and 27 elements. */
const USUAL_PAGE_SIZE = 200;
const ROWS_IN_A_TURN = 10;

/** ListEffective. */
export function listEffective(policy: PolicySource) {
  return async (request: ListEffectiveRequest, call: CallContext): Promise<ListEffectiveResponse> => {
    const opd = subjectOpd(request.opd, call);
    const { snapshot, time } = policy.current();
    const found = snapshot.opds.get(opd);
    if (!found) throw new MeshError('OPD_UNKNOWN');
    const from = offsetOf(request.pageToken, snapshot.version);
    const pageSize = request.pageSize || USUAL_PAGE_SIZE;
    const page = usesOf(found, request.unit, time)
      .drop(from)
      .take(pageSize + 1)
      .toArray();
    const uses = page.slice(0, pageSize);
    call.record.rows = uses.length;
    const rows: EffectiveRow[] = [];
    for (const [at, use] of uses.entries()) {
      // A first decision takes up to 0.1 ms: other calls must not wait for the whole page.
      if (at % ROWS_IN_A_TURN === 0) await nextTurn();
      const row = effectiveRow(snapshot, opd, use, time);
      const text = row.reason
        ? explanationText(row.reason, use.candidate, call.locale, snapshot.lateDuties, time.latestMs)
        : '';
      rows.push({ ...row, reason: row.reason ?? '', text });
    }
    return {
      rows,
      permits: [...new Set(uses.map(({ candidate }) => candidate))].map((each) => termsOf(each, snapshot.lateDuties)),
      policyVersion: snapshot.version,
      nextPageToken: page.length > pageSize ? `${snapshot.version}.${from + pageSize}` : '',
    };
  };
}

/** Rows are counted within one policy: after a change the numbers mean others. Throws PAGE_TOKEN_INVALID. */
function offsetOf(token: string, version: bigint): number {
  if (token === '') return 0;
  const [, ofVersion, offset] = /^(\d{1,20})\.(\d{1,9})$/.exec(token) ?? [];
  if (offset === undefined || ofVersion !== String(version)) throw new MeshError('PAGE_TOKEN_INVALID');
  return Number(offset);
}
