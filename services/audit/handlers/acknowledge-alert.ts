import type { AcknowledgeAlertRequest, AcknowledgeAlertResponse } from '#gen/rangkiang/audit/v1/alert.ts';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { MeshError } from '#mesh/errors.ts';
import { type Appender, makeEntry, newDraft } from '#mesh/record.ts';
import type { CallContext } from '#mesh/server.ts';
import { eventIdFor } from '../domain/alert-entry.ts';
import { EntryRefused } from '../domain/check-entry.ts';
import { firstByAlert } from '../domain/list-alerts.ts';
import { recordOf } from '../domain/record-page.ts';
import { requireWholeLog } from '../domain/require-whole-log.ts';
import type { AlertReader } from '../store/alert-records.ts';

/** What could be a NIK or the number of a family card has no place in a record. */
const NUMBER_OF_A_PERSON = /\d{16}/;
const LAST_INDEX = (1n << 63n) - 1n;

function invalid(field: string, description: string): MeshError {
  return new MeshError('REQUEST_INVALID', { violations: [{ field, description }] });
}

/** AcknowledgeAlert. An alert has one acknowledgement: its event id follows from the alert's. */
export function acknowledgeAlert(alerts: AlertReader, audit: Appender) {
  const find = async (index: bigint, alert: Buffer) => {
    const row = firstByAlert(await alerts.acknowledgementsAbove(index)).get(alert.toString('base64'));
    return row && recordOf(row);
  };

  return async (
    { index, remark, person }: AcknowledgeAlertRequest,
    call: CallContext,
  ): Promise<AcknowledgeAlertResponse> => {
    requireWholeLog(call.grant);
    if (NUMBER_OF_A_PERSON.test(remark)) {
      throw invalid('remark', call.locale === 'en' ? 'must not hold personal data' : 'tidak boleh memuat data pribadi');
    }
    const operator = call.grant.operator || person;
    if (operator === '') throw invalid('person', call.locale === 'en' ? 'is required' : 'wajib diisi');
    const row = index > LAST_INDEX ? undefined : await alerts.at(index);
    if (!row) throw new MeshError('ALERT_NOT_FOUND');
    const alert = Leaf.decode(row.leaf).eventId;
    if (!(await find(index, alert))) {
      const entry = makeEntry({ ...call.grant, operator }, newDraft(), {
        kind: Kind.ALERT_ACKNOWLEDGED,
        method: call.method.path,
        writer: 'audit',
        traceId: call.traceId,
        eventId: eventIdFor('acknowledgement', alert),
        refersTo: alert,
        note: { signs: [], causedBy: [], remark },
      });
      await audit.append(entry).catch((error: Error) => {
        // Somebody else was first.
        if (!(error.cause instanceof EntryRefused)) throw error;
      });
    }
    const acknowledgement = await find(index, alert);
    if (!acknowledgement) throw new MeshError('AUDIT_UNAVAILABLE');
    call.auditIndex = acknowledgement.index;
    return { acknowledgement };
  };
}
