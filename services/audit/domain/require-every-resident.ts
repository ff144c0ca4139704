import { type Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { MeshError } from '#mesh/errors.ts';

/** Kota Padang as a whole. */
const CITY = '13.71';

/** The log does not know where a resident lives, so a grant must reach all of them. Throws REGION_NOT_GRANTED. */
export function requireEveryResident({ scope, regions }: Grant): void {
  if (scope !== Scope.ALL && !regions.includes(CITY)) throw new MeshError('REGION_NOT_GRANTED');
}
