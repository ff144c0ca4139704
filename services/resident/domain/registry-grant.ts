import { type Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { MeshError } from '#mesh/errors.ts';

/** Throws CALLER_NOT_ALLOWED unless statute gives the caller the whole register. */
export function assertKeepsRegister(grant: Pick<Grant, 'scope'>): void {
  if (grant.scope !== Scope.ALL) throw new MeshError('CALLER_NOT_ALLOWED');
}
