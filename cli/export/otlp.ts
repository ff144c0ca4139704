import type { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Record as LogRecord } from '../../proto/gen/rangkiang/audit/v1/audit.ts';
import { Kind, type Leaf } from '../../proto/gen/rangkiang/audit/v1/leaf.ts';
import { enumName } from '../enum-name.ts';
import { ocsfEvent } from './ocsf.ts';
import { tellingOf } from './outcome-table.ts';

/** A log record as OpenTelemetry's exporter takes it. */
export type OtlpRecord = Parameters<OTLPLogExporter['export']>[0][number];

// SeverityNumber: INFO, INFO2, WARN, ERROR.
const SEVERITIES = { INFORMATIONAL: 9, LOW: 10, MEDIUM: 13, HIGH: 17 } as const;
const resource = resourceFromAttributes({ 'service.namespace': 'rangkiang', 'service.name': 'audit' });
const instrumentationScope = { name: 'rangkiang.audit' };

type Attribute = string | number | string[];

/** Nested objects as dotted names; what is absent stays absent. */
function flat(value: unknown, name: string, into: Record<string, Attribute>): Record<string, Attribute> {
  if (value === undefined) return into;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) flat(inner, name === '' ? key : `${name}.${key}`, into);
  } else into[name] = value as Attribute;
  return into;
}

/** A record as an OTLP log record: its attributes are the fields of the OCSF event, with dots. */
export function otlpRecord(record: LogRecord & { leaf: Leaf }): OtlpRecord {
  const { leaf } = record;
  const { severity } = tellingOf(leaf.kind);
  const seconds = Number(leaf.timeUs / 1_000_000n);
  const nanoseconds = Number(leaf.timeUs % 1_000_000n) * 1_000;
  const { message, ...event } = ocsfEvent(record);
  return {
    hrTime: [seconds, nanoseconds],
    hrTimeObserved: [seconds, nanoseconds],
    severityNumber: SEVERITIES[severity],
    severityText: severity,
    eventName: `rangkiang.audit.${enumName(Kind, leaf.kind).toLowerCase()}`,
    body: message,
    attributes: flat(event, '', {}),
    droppedAttributesCount: 0,
    resource,
    instrumentationScope,
  };
}
