import { Match, type VerifyResidentRequest, type VerifyResidentResponse } from '#gen/rangkiang/resident/v1/resident.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { ResidentContext } from '../context.ts';
import { claimedElements, compareClaims } from '../domain/comparison.ts';
import { usableElements } from '../domain/elements.ts';
import { assertRowCap, scopeOf } from '../domain/scope.ts';

/** Compares the claims with the register and tells only how they compare. */
export function verifyResident({ residents, memory }: ResidentContext) {
  return async ({ nik, claims }: VerifyResidentRequest, call: CallContext): Promise<VerifyResidentResponse> => {
    const claimed = claims ? claimedElements(claims) : [];
    // Without a claim the answer would only tell that somebody is on record.
    if (!claims || claimed.length === 0) {
      const description =
        call.locale === 'en' ? 'must hold at least one element' : 'harus memuat paling sedikit satu elemen';
      throw new MeshError('REQUEST_INVALID', { violations: [{ field: 'claims', description }] });
    }
    const elements = usableElements(call.grant, claimed);
    assertRowCap(call.grant, 1);
    const signs = memory.asked(call.grant, nik);
    const held = await residents.read(nik, scopeOf(call.grant, elements));
    if (!held) {
      Object.assign(call.record, { searchTerms: nik, signs });
      throw new MeshError('RESIDENT_NOT_FOUND');
    }
    const matches = compareClaims(claims, held);
    const wrongGuess = matches.some(({ match }) => match === Match.TIDAK_SESUAI);
    signs.push(...memory.answered(call.grant, [{ nik, name: held.namaLengkap }]));
    Object.assign(call.record, { elements, rows: 1, subjects: [nik], signs, wrongGuess });
    return { matches };
  };
}
