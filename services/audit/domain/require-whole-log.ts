import { type Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { MeshError } from '#mesh/errors.ts';

/** Records tell about every OPD, so they are shown under a grant that reaches everything and under no other. Throws NO_PERMIT. */
export function requireWholeLog(grant: Grant): void {
  if (grant.scope !== Scope.ALL) throw new MeshError('NO_PERMIT');
}
