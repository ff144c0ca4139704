import type { GetFamilyRequest, GetFamilyResponse } from '#gen/rangkiang/resident/v1/resident.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { ResidentContext } from '../context.ts';
import { usableElements } from '../domain/elements.ts';
import { assertRowCap, scopeOf } from '../domain/scope.ts';
import type { HouseholdKey } from '../store/family-reader.ts';

/** Shows the granted elements of those members of a household who lie in the scope, head first. */
export function getFamily({ families, memory }: ResidentContext) {
  return async ({ key, elements: asked }: GetFamilyRequest, call: CallContext): Promise<GetFamilyResponse> => {
    const elements = usableElements(call.grant, asked);
    assertRowCap(call.grant, 1);
    // One more than allowed shows that there are too many, without reading them all.
    const members = await families.read(keyOf(key), scopeOf(call.grant, elements), call.grant.rowCap + 1);
    if (members.length === 0) {
      call.record.searchTerms = key?.value ?? '';
      throw new MeshError('RESIDENT_NOT_FOUND');
    }
    assertRowCap(call.grant, members.length);
    const subjects = members.map(({ subject }) => subject);
    const seen = members.map(({ subject, resident }) => ({ nik: subject, name: resident.namaLengkap }));
    Object.assign(call.record, {
      elements,
      rows: members.length,
      subjects,
      signs: memory.answered(call.grant, seen),
    });
    return { members: members.map(({ resident }) => resident) };
  };
}

function keyOf(key: GetFamilyRequest['key']): HouseholdKey {
  if (key?.$case === 'nik') return { nik: key.value };
  if (key?.$case === 'nomorKk') return { nomorKk: key.value };
  throw new MeshError('REQUEST_INVALID', { violations: [{ field: 'key', description: 'is required' }] });
}
