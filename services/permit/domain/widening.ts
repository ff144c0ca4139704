import { Emergency } from '#gen/rangkiang/permit/v1/emergency.ts';
import type { DataBalikan, Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { coversHours, openHours } from '#mesh/hours.ts';
import { grantableMethods, type NamedMethod } from './grantable-methods.ts';
import { contains, isSubset } from './izin-fit.ts';

/**
 * The first field in which `next` allows something that `inForce` does not, undefined when there is none. Every field that
 * limits a call counts: what is not looked at here would let a widening pass as a narrowing.
 */
export function widening(inForce: Izin, next: Izin, methods: ReadonlyMap<string, NamedMethod>): string | undefined {
  const checks: readonly [field: string, narrows: () => boolean][] = [
    ['permit_id', () => next.permitId === inForce.permitId && next.opd === inForce.opd],
    ['purpose', () => next.purpose === inForce.purpose],
    // A text that no machine can weigh: other words may mean more.
    ['sub_purpose', () => next.subPurpose === inForce.subPurpose],
    ['legal_basis', () => next.legalBasis === inForce.legalBasis],
    ['hours', () => coversHours(openHours(inForce.hours), openHours(next.hours))],
    ['methods', () => isSubset(expand(next.methods, methods), expand(inForce.methods, methods))],
    // "*" also means what the service gets later.
    ['methods', () => isSubset(next.methods.filter(isPattern), inForce.methods)],
    ['elements', () => isSubset(next.elements, inForce.elements)],
    ['units', () => next.units.every(({ unit, regions }) => coversUnit(inForce, unit, regions))],
    ['quota_per_day', () => next.quotaPerDay <= inForce.quotaPerDay],
    ['quota_per_minute', () => next.quotaPerMinute <= inForce.quotaPerMinute],
    ['row_cap', () => next.rowCap <= inForce.rowCap],
    ['minimum_cell', () => next.minimumCell >= inForce.minimumCell],
    ['valid_from', () => Number(next.validFrom) >= Number(inForce.validFrom)],
    ['valid_until', () => Number(next.validUntil) <= Number(inForce.validUntil)],
    ['children', () => inForce.children || !next.children],
    ['disability', () => inForce.disability || !next.disability],
    ['emergency', () => inForce.emergency === undefined || isSameEmergency(inForce.emergency, next.emergency)],
    ['operator_required', () => next.operatorRequired || !inForce.operatorRequired],
    ['case_number_required', () => next.caseNumberRequired || !inForce.caseNumberRequired],
    ['data_balikan', () => inForce.dataBalikan.every((owed) => next.dataBalikan.some((each) => owesAll(each, owed)))],
  ];
  return checks.find(([, narrows]) => !narrows())?.[0];
}

/** To the last byte: other persons or more hours are the Walikota's to grant anew. */
function isSameEmergency(inForce: Emergency, next: Emergency | undefined): boolean {
  return next !== undefined && Emergency.encode(inForce).finish().equals(Emergency.encode(next).finish());
}

function expand(patterns: readonly string[], methods: ReadonlyMap<string, NamedMethod>): readonly string[] {
  return patterns.flatMap((pattern) => grantableMethods(pattern, methods));
}

function isPattern(method: string): boolean {
  return method.endsWith('/*');
}

/** Whether `next` is owed on every day on which `inForce` is, and no later. */
function owesAll(next: DataBalikan, inForce: DataBalikan): boolean {
  return (
    next.kind === inForce.kind &&
    next.firstDue === inForce.firstDue &&
    inForce.everyMonths % next.everyMonths === 0 &&
    next.graceDays <= inForce.graceDays
  );
}

function coversUnit({ units }: Izin, unit: string, regions: readonly string[]): boolean {
  const known = units.find((each) => each.unit === unit);
  return known !== undefined && regions.every((region) => known.regions.some((wider) => contains(wider, region)));
}
