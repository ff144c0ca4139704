import type { GetResidentRequest, GetResidentResponse } from '#gen/rangkiang/resident/v1/resident.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { ResidentContext } from '../context.ts';
import { usableElements } from '../domain/elements.ts';
import { assertRowCap, scopeOf } from '../domain/scope.ts';

/** Shows the granted elements of one resident in the scope. */
export function getResident({ residents }: ResidentContext) {
  return async ({ nik, elements: asked }: GetResidentRequest, call: CallContext): Promise<GetResidentResponse> => {
    const elements = usableElements(call.grant, asked);
    assertRowCap(call.grant, 1);
    const resident = await residents.read(nik, scopeOf(call.grant, elements));
    if (!resident) {
      call.record.searchTerms = nik;
      throw new MeshError('RESIDENT_NOT_FOUND');
    }
    Object.assign(call.record, { elements, rows: 1, subjects: [nik] });
    return { resident };
  };
}
