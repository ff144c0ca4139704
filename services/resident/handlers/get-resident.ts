import type { GetResidentRequest, GetResidentResponse } from '#gen/rangkiang/resident/v1/resident.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { ResidentContext } from '../context.ts';
import { usableElements } from '../domain/elements.ts';
import { assertRowCap, scopeOf } from '../domain/scope.ts';

/** Shows the granted elements of one resident in the scope. */
export function getResident({ residents, memory }: ResidentContext) {
  return async ({ nik, elements: asked }: GetResidentRequest, call: CallContext): Promise<GetResidentResponse> => {
    const elements = usableElements(call.grant, asked);
    assertRowCap(call.grant, 1);
    const signs = memory.asked(call.grant, nik);
    const resident = await residents.read(nik, scopeOf(call.grant, elements));
    if (!resident) {
      Object.assign(call.record, { searchTerms: nik, signs });
      throw new MeshError('RESIDENT_NOT_FOUND');
    }
    signs.push(...memory.answered(call.grant, [{ nik, name: resident.namaLengkap }]));
    Object.assign(call.record, { elements, rows: 1, subjects: [nik], signs });
    return { resident };
  };
}
