import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';

/** Which OPD a question about the policy is about; empty means the caller's own. Only offices ask about others: OPD_UNKNOWN. */
export function subjectOpd(asked: string, { grant }: CallContext): string {
  const opd = asked || grant.opd;
  if (opd !== grant.opd && grant.scope !== Scope.ALL) throw new MeshError('OPD_UNKNOWN');
  return opd;
}
