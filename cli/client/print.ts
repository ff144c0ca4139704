import type { Locale } from '../language.ts';
import type { Answered } from './caller.ts';
import type { Refusal } from './refusal.ts';

const words = {
  permit: { id: 'izin', en: 'permit' },
  record: { id: 'catatan audit', en: 'audit record' },
  reason: { id: 'alasan', en: 'reason' },
  retry: { id: 'coba lagi sesudah', en: 'ask again after' },
} as const;

/** An answer (ProtoJSON text) in words: itself, then permit and audit index. */
export function answerText({ message, permit, auditIndex }: Answered<string>, locale: Locale): string {
  const beside = facts([
    [words.permit[locale], permit],
    [words.record[locale], auditIndex],
  ]);
  return [message, '', ...beside].join('\n');
}

/** An answer (ProtoJSON text) for programs: one JSON object. */
export function answerJson({ message, permit, auditIndex }: Answered<string>): string {
  return JSON.stringify({ answer: JSON.parse(message), permit, auditIndex });
}

/** A JSON text on one line, for programs that read line by line. */
export function oneLine(json: string): string {
  return JSON.stringify(JSON.parse(json));
}

/** A refusal in words: what happened and what to do, then reason and audit index. */
export function refusalText(refusal: Refusal, locale: Locale): string {
  const { retryAfterMs, reason, code } = refusal;
  return [
    refusal.text,
    ...refusal.violations.map(({ field, description }) => `  ${field}: ${description}`),
    ...facts([
      [words.reason[locale], reason ? `${reason} (${code})` : code],
      [words.retry[locale], retryAfterMs === undefined ? '' : `${retryAfterMs} ms`],
      [words.record[locale], refusal.auditIndex ?? ''],
    ]),
  ].join('\n');
}

/** A refusal for programs: one JSON object. */
export function refusalJson(refusal: Refusal): string {
  return JSON.stringify({ error: refusal });
}

/** Names and values in two columns, without those that have no value. */
function facts(rows: readonly (readonly [name: string, value: string])[]): string[] {
  const told = rows.filter(([, value]) => value !== '');
  const width = Math.max(0, ...told.map(([name]) => name.length));
  return told.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
