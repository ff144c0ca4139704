import { printJson } from '../../mesh/contract.ts';
import { Record } from '../../proto/gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '../../proto/gen/rangkiang/audit/v1/leaf.ts';
import { Element } from '../../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import { oneLine } from '../client/print.ts';
import { enumName } from '../enum-name.ts';
import type { Locale } from '../language.ts';

const words = {
  elements: { id: 'elemen', en: 'elements' },
  rows: { id: 'baris', en: 'rows' },
  count: { id: 'jumlah', en: 'count' },
  reason: { id: 'alasan', en: 'reason' },
  permit: { id: 'izin', en: 'permit' },
  emergency: { id: 'darurat', en: 'emergency' },
  records: { id: 'catatan', en: 'records' },
  remark: { id: 'keterangan', en: 'remark' },
} as const;

// Western Indonesian time, whatever the machine's: the log is read in Padang.
const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Jakarta',
  dateStyle: 'short',
  timeStyle: 'medium',
});

/** One record on one line: index, time, what happened, who asked for what and why, what left. */
export function recordLine({ index, leaf }: Record, locale: Locale): string {
  if (!leaf) return `${index}`;
  const told = (word: keyof typeof words, value: string | number) => (value ? `${words[word][locale]} ${value}` : '');
  return [
    String(index).padStart(7),
    `${clock.format(new Date(Number(leaf.timeUs / 1000n)))} WIB`,
    enumName(Kind, leaf.kind).padEnd(11),
    [leaf.opd, leaf.unit, leaf.system].filter(Boolean).join('/'),
    leaf.method.split('/').at(-1) ?? '',
    leaf.purpose === Purpose.UNSPECIFIED ? '' : enumName(Purpose, leaf.purpose),
    told('reason', leaf.reason),
    told('elements', leaf.elements.map((element) => enumName(Element, element)).join(',')),
    told('rows', leaf.rows),
    told('count', leaf.count),
    told('permit', leaf.permit),
    told('emergency', leaf.emergency),
    told('records', leaf.note?.causedBy.join(',') ?? ''),
    told('remark', leaf.note?.remark ?? ''),
  ]
    .filter(Boolean)
    .join('  ');
}

/** One record as one line of JSON, as the contract writes it. */
export function recordJson(record: Record): string {
  return oneLine(printJson('rangkiang.audit.v1.Record', Record.encode(record).finish()));
}
