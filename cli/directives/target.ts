import type { DirectiveTarget } from '../../proto/gen/rangkiang/permit/v1/directive.ts';
import { Element } from '../../proto/gen/rangkiang/type/v1/element.ts';
import { findMethod } from '../client/find-method.ts';
import { enumName } from '../enum-name.ts';
import { usageFailure } from '../failure.ts';

/** What can be frozen, by the word for it on the command line. */
export const targetKinds = ['opd', 'unit', 'system', 'certificate', 'operator', 'method', 'element'] as const;

const elements = Object.keys(Element).filter((name) => name !== 'UNSPECIFIED') as (keyof typeof Element)[];

/** From the word and the parts after it, e.g. "unit" and "DKK/PKM-PAUH". Throws a usage failure that says the form. */
export function readTarget(word: string, name: string): DirectiveTarget {
  const kind = known(word, targetKinds);
  const parts = name.split('/');
  const [opd = '', unit = '', system = ''] = parts;
  switch (kind) {
    case 'unit':
      checkParts(kind, parts, 'OPD/UNIT');
      return { target: { $case: 'unit', value: { opd, unit } } };
    case 'system':
      checkParts(kind, parts, 'OPD/UNIT/SYSTEM');
      return { target: { $case: 'system', value: { opd, unit, system } } };
    case 'certificate':
      // As openssl prints it, and as browsers do: with colons, in either case.
      return { target: { $case: 'certificateSerial', value: name.replaceAll(':', '').toUpperCase() } };
    case 'method':
      return { target: { $case: 'method', value: findMethod(name).path } };
    case 'element':
      return { target: { $case: 'element', value: Element[known(name, elements)] } };
    default:
      return { target: { $case: kind, value: name } };
  }
}

function known<T extends string>(word: string, words: readonly T[]): T {
  const found = words.find((candidate) => candidate === word);
  if (found !== undefined) return found;
  throw usageFailure({
    id: `"${word}" tidak dikenal. Yang ada: ${words.join(', ')}`,
    en: `"${word}" is not known. There are: ${words.join(', ')}`,
  });
}

function checkParts(kind: string, parts: readonly string[], form: string): void {
  if (parts.length === form.split('/').length && parts.every((part) => part !== '')) return;
  throw usageFailure({ id: `Tulis ${kind} sebagai ${form}.`, en: `Write the ${kind} as ${form}.` });
}

/** In the words of the command line, e.g. "unit DKK/PKM-PAUH". */
export function tellTarget(of: DirectiveTarget | undefined): string {
  const target = of?.target;
  switch (target?.$case) {
    case 'unit':
      return `unit ${target.value.opd}/${target.value.unit}`;
    case 'system':
      return `system ${target.value.opd}/${target.value.unit}/${target.value.system}`;
    case 'certificateSerial':
      return `certificate ${target.value}`;
    case 'element':
      return `element ${enumName(Element, target.value)}`;
    case undefined:
      return '';
    default:
      return `${target?.$case} ${target?.value}`;
  }
}
