import type { Directive, DirectiveTarget } from '#gen/rangkiang/permit/v1/directive.ts';
import type { Element } from '#gen/rangkiang/type/v1/element.ts';
import type { Reason } from '#mesh/errors.ts';
import type { PolicyRequest } from './decide.ts';

type Target = NonNullable<DirectiveTarget['target']>;
type Kind = Exclude<Target['$case'], 'element'>;

/** What the directives in force freeze, for a look-up of a few nanoseconds. Belongs to a snapshot. */
export interface FrozenSets {
  /** By kind of target, the names of what is frozen. */
  readonly names: Readonly<Record<Kind, ReadonlySet<string>>>;
  /** Elements that no permit gives. */
  readonly elements: ReadonlySet<Element>;
}

// No part of a name holds a slash but the unit that a question may invent, and that one is only ever compared with
// what certificates can hold.
function nameOf(target: Exclude<Target, { $case: 'element' }>): string {
  switch (target.$case) {
    case 'unit':
      return `${target.value.opd}/${target.value.unit}`;
    case 'system':
      return `${target.value.opd}/${target.value.unit}/${target.value.system}`;
    default:
      return target.value;
  }
}

/** The frozen sets of some directives. */
export function freezeAll(directives: readonly Directive[]): FrozenSets {
  const names: Record<Kind, Set<string>> = {
    opd: new Set(),
    unit: new Set(),
    system: new Set(),
    certificateSerial: new Set(),
    operator: new Set(),
    method: new Set(),
  };
  const elements = new Set<Element>();
  for (const { target } of directives) {
    const frozen = target?.target;
    if (frozen === undefined) continue;
    if (frozen.$case === 'element') elements.add(frozen.value);
    else names[frozen.$case].add(nameOf(frozen));
  }
  return Object.freeze({ names, elements });
}

/** In the order in which they are checked: whose set, the reason, and what of the request is looked up. */
const lookups: readonly (readonly [Kind, Reason, (request: PolicyRequest) => string])[] = [
  ['opd', 'FROZEN', ({ opd }) => opd],
  ['unit', 'UNIT_FROZEN', ({ opd, unit }) => `${opd}/${unit}`],
  ['system', 'SYSTEM_FROZEN', ({ opd, unit, system }) => `${opd}/${unit}/${system ?? ''}`],
  ['certificateSerial', 'CERTIFICATE_FROZEN', ({ serial }) => serial ?? ''],
  ['operator', 'OPERATOR_FROZEN', ({ operatorPseudonym }) => operatorPseudonym ?? ''],
  ['method', 'METHOD_FROZEN', ({ method }) => method],
];

/** Every reason that `frozenReason` gives. */
export const frozenReasons: readonly Reason[] = lookups.map(([, reason]) => reason);

/** The first of a call's parts that is frozen, as the reason to refuse it; undefined when none is. */
export function frozenReason({ names }: FrozenSets, request: PolicyRequest): Reason | undefined {
  for (const [kind, reason, partOf] of lookups) {
    const frozen = names[kind];
    if (frozen.size > 0 && frozen.has(partOf(request))) return reason;
  }
  return undefined;
}
