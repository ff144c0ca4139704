import type { Record as LogRecord } from '../../proto/gen/rangkiang/audit/v1/audit.ts';
import { Kind, type Leaf, Sign } from '../../proto/gen/rangkiang/audit/v1/leaf.ts';
import { Element } from '../../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import { enumName } from '../enum-name.ts';
import { tellingOf } from './outcome-table.ts';

/** The version of the Open Cybersecurity Schema Framework that is written. */
const OCSF_VERSION = '1.3.0';

const CATEGORY = { category_uid: 6, category_name: 'Application Activity' } as const;
const CLASS = { class_uid: 6003, class_name: 'API Activity' } as const;
const ACTIVITIES = { CREATE: 1, READ: 2, UPDATE: 3, DELETE: 4, OTHER: 99 } as const;
const STATUSES = { SUCCESS: 1, FAILURE: 2, OTHER: 99 } as const;
const SEVERITIES = { INFORMATIONAL: 1, LOW: 2, MEDIUM: 3, HIGH: 4 } as const;

const capital = (word: string) => word.charAt(0) + word.slice(1).toLowerCase();
/** Absent rather than empty. */
const given = <T extends string | number>(value: T): T | undefined => value || undefined;

function apiOf({ method, requestId, reason, kind }: Leaf) {
  const [service, operation] = method.startsWith('/') ? method.slice(1).split('/') : ['', method];
  return {
    // The class requires one; what the log writes by itself was no call.
    operation: given(operation ?? '') ?? 'none',
    service: service ? { name: service } : undefined,
    request: requestId ? { uid: requestId } : undefined,
    response: reason && tellingOf(kind).status !== 'SUCCESS' ? { error: reason } : undefined,
  };
}

function actorOf({ opd, unit, system, operatorPseudonym }: Leaf) {
  return {
    app_name: given(system),
    user: {
      uid: operatorPseudonym || [opd, unit, system].filter(Boolean).join('/') || 'unknown',
      type: operatorPseudonym === '' ? 'System' : 'User',
      type_id: operatorPseudonym === '' ? 3 : 1,
      org: opd ? { uid: opd, ou_name: given(unit) } : undefined,
    },
  };
}

/** What has no place in the class, by the names that the contract gives. */
function unmappedOf(leaf: Leaf) {
  return {
    kind: enumName(Kind, leaf.kind),
    permit: given(leaf.permit),
    policy_version: String(leaf.policyVersion),
    purpose: leaf.purpose === Purpose.UNSPECIFIED ? undefined : enumName(Purpose, leaf.purpose),
    legal_basis: given(leaf.legalBasis),
    elements: leaf.elements.length > 0 ? leaf.elements.map((element) => enumName(Element, element)) : undefined,
    rows: given(leaf.rows),
    count: given(leaf.count),
    subject_count: given(leaf.subjectCount),
    refers_to: given(leaf.refersTo.toString('hex')),
    signs: leaf.note?.signs.length ? leaf.note.signs.map((sign) => enumName(Sign, sign)) : undefined,
    caused_by: leaf.note?.causedBy.length ? leaf.note.causedBy.map(String) : undefined,
    remark: given(leaf.note?.remark ?? ''),
    writer: leaf.writer,
  };
}

/** A record as one event of OCSF's class API Activity (6003). `metadata.uid` and `metadata.sequence` name it for good. */
export function ocsfEvent({ index, leaf, leafHash }: LogRecord & { leaf: Leaf }) {
  const { activity, status, severity } = tellingOf(leaf.kind);
  const activityId = ACTIVITIES[activity];
  return {
    ...CATEGORY,
    ...CLASS,
    activity_id: activityId,
    activity_name: activity === 'OTHER' ? capital(enumName(Kind, leaf.kind)) : capital(activity),
    type_uid: CLASS.class_uid * 100 + activityId,
    time: Number(leaf.timeUs / 1_000n),
    severity_id: SEVERITIES[severity],
    severity: capital(severity),
    status_id: STATUSES[status],
    status: capital(status),
    status_code: given(leaf.reason),
    message: [enumName(Kind, leaf.kind), leaf.reason].filter(Boolean).join(' '),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Rangkiang', vendor_name: 'Pemerintah Kota Padang' },
      log_name: 'evidence',
      uid: leaf.eventId.toString('hex'),
      sequence: Number(index),
      correlation_uid: given(leaf.traceId.toString('hex')),
    },
    actor: actorOf(leaf),
    api: apiOf(leaf),
    src_endpoint: { name: leaf.system || 'unknown' },
    unmapped: { ...unmappedOf(leaf), leaf_hash: leafHash.toString('hex') },
  };
}

/** The same as a line of JSON. */
export function ocsfLine(record: LogRecord & { leaf: Leaf }): string {
  return `${JSON.stringify(ocsfEvent(record))}\n`;
}
