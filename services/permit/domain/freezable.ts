import type { DirectiveTarget } from '#gen/rangkiang/permit/v1/directive.ts';

/** The offices that are no agency but have certificates. */
export const officesBesideOpd: readonly string[] = ['WALIKOTA', 'SECURITY'];

/** The service by which a freeze is lifted. */
const LIFTING = 'rangkiang.permit.v1.DirectiveService';

/** The agency or office that a target belongs to; undefined when it belongs to none. */
export function opdOf({ target }: DirectiveTarget): string | undefined {
  switch (target?.$case) {
    case 'opd':
      return target.value;
    case 'unit':
    case 'system':
      return target.value.opd;
    default:
      return undefined;
  }
}

/** The method that a target names; undefined when it names none. */
export function methodOf({ target }: DirectiveTarget): string | undefined {
  return target?.$case === 'method' ? target.value : undefined;
}

/**
 * Whether freezing this would leave nobody who can lift it: the Walikota's office or its head unit as a whole, or the
 * methods of directives. A single system or certificate of that office can be frozen, since another can be enrolled.
 */
export function locksOut({ target }: DirectiveTarget): boolean {
  switch (target?.$case) {
    case 'opd':
      return target.value === 'WALIKOTA';
    case 'unit':
      return target.value.opd === 'WALIKOTA';
    case 'method':
      return target.value.startsWith(`/${LIFTING}/`);
    default:
      return false;
  }
}
