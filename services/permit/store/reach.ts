import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';

/** How far a caller reaches: the scope of its statute row, and its own OPD. */
export type Reach = Pick<Grant, 'scope' | 'opd'>;

/**
 * The condition that keeps rows outside a caller's reach unread: SCOPE_OWN (1) its own, SCOPE_ALL (2) every row,
 * anything else none. `scope` and `opd` are the statement's parameters, e.g. '$1'; the table has a column `opd`.
 */
export function withinReach(scope: string, opd: string): string {
  return `(${scope}::int = 2 or (${scope}::int = 1 and opd = ${opd}::text))`;
}
