import type { PermitTerms } from '#gen/rangkiang/broker/v1/effective.ts';
import type { Candidate } from './candidate.ts';
import type { LateDuties } from './late-duties.ts';

/** What a permit sets for all its calls, and what of its duties is late; of statute, which sets nothing, the name alone. */
export function termsOf({ id, number, izin, activation }: Candidate, lateDuties: LateDuties): PermitTerms {
  return {
    permit: id,
    number,
    validFrom: izin?.validFrom,
    validUntil: izin?.validUntil,
    quotaPerDay: izin?.quotaPerDay ?? 0,
    quotaPerMinute: izin?.quotaPerMinute ?? 0,
    rowCap: izin?.rowCap ?? 0,
    minimumCell: izin?.minimumCell ?? 0,
    children: izin?.children ?? false,
    disability: izin?.disability ?? false,
    operatorRequired: izin?.operatorRequired ?? false,
    caseNumberRequired: izin?.caseNumberRequired ?? false,
    hours: izin?.hours ?? [],
    legalBasis: izin?.legalBasis ?? '',
    subPurpose: izin?.subPurpose ?? '',
    systems: activation?.aktivasi?.systems ?? [],
    networks: activation?.aktivasi?.networks ?? [],
    lateDuties: [...(lateDuties.get(id) ?? [])],
  };
}
