import { printJson } from '../../mesh/contract.ts';
import {
  OperatorEntry,
  OperatorKeyAlgorithm,
  type OperatorKeyEntry,
  OperatorState,
} from '../../proto/gen/rangkiang/permit/v1/operator.ts';
import { enumName } from '../enum-name.ts';
import type { Locale } from '../language.ts';

const words = {
  only: { id: 'hanya', en: 'only' },
  operator: { id: 'operator', en: 'operator' },
} as const;

/** A key: issuer, kid, algorithm, state and its only operator. */
export function keyLine({ issuer, kid, algorithm, state, operator }: OperatorKeyEntry, locale: Locale): string {
  const only = operator === '' ? [] : [`${words.only[locale]} ${operator}`];
  const names = [enumName(OperatorState, state).padEnd(9), issuer, kid, enumName(OperatorKeyAlgorithm, algorithm)];
  return [...names, ...only].join('  ');
}

/** An entry of the listing on one line. */
export function entryLine({ subject }: OperatorEntry, locale: Locale): string {
  if (subject?.$case === 'key') return keyLine(subject.value, locale);
  return ['WITHDRAWN', words.operator[locale], subject?.value.operator ?? ''].join('  ');
}

/** An entry as ProtoJSON. */
export function entryJson(entry: OperatorEntry): string {
  return printJson('rangkiang.permit.v1.OperatorEntry', OperatorEntry.encode(entry).finish());
}

/** How it is known that nobody is answered any more. */
export function brokersLine(confirmed: number, lapsed: number, locale: Locale): string {
  return locale === 'id'
    ? `${confirmed} broker memastikan, ${lapsed} broker habis sewanya`
    : `${confirmed} brokers confirmed, the leases of ${lapsed} are over`;
}
