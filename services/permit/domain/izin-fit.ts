import type { Izin, UnitGrant } from '#gen/rangkiang/permit/v1/izin.ts';
import type { Application, ApplicationContent } from '#gen/rangkiang/permit/v1/permit.ts';
import { coversHours, openHours } from '#mesh/hours.ts';
import { grantableMethods, type NamedMethod } from './grantable-methods.ts';

/**
 * The first field in which a signed Izin does not fit the application that it answers, as a path such as
 * "units[1].regions"; undefined when it fits. It may grant less than was applied for, never more or something else.
 * `version` is the one that it must have: 0 for the first.
 */
export function misfit(
  izin: Izin,
  application: Application,
  methods: ReadonlyMap<string, NamedMethod>,
  version = 0,
): string | undefined {
  const { content } = application;
  if (!content) return 'content';
  const checks: readonly [field: string, fits: () => boolean][] = [
    ['permit_id', () => izin.permitId === application.applicationId],
    ['opd', () => izin.opd === application.opd],
    ['purpose', () => izin.purpose === content.purpose],
    // Where none was applied for, one that the Walikota states grants less.
    ['sub_purpose', () => content.subPurpose === '' || izin.subPurpose === content.subPurpose],
    ['hours', () => coversHours(openHours(content.hours), openHours(izin.hours))],
    ['methods', () => grantsOnly(izin.methods, content.methods, methods)],
    ['elements', () => isSubset(izin.elements, content.elements)],
    ['quota_per_day', () => izin.quotaPerDay <= content.quotaPerDay],
    ['version', () => izin.version === version],
    ['dirjen_letter', () => izin.dirjenLetter === application.dirjenLetter],
    ['valid_until', () => endsWithin(izin, content.termMonths)],
  ];
  return checks.find(([, fits]) => !fits())?.[0] ?? misfitOfUnits(izin.units, content);
}

function misfitOfUnits(units: readonly UnitGrant[], content: ApplicationContent): string | undefined {
  const appliedFor = new Map(content.units.map(({ unit, regions }) => [unit, regions]));
  for (const [index, { unit, regions }] of units.entries()) {
    const applied = appliedFor.get(unit);
    if (!applied) return `units[${index}].unit`;
    // Taken once each: a unit that is named twice would leave open which of its lists counts.
    appliedFor.delete(unit);
    if (!regions.every((region) => applied.some((wider) => contains(wider, region)))) return `units[${index}].regions`;
  }
  return undefined;
}

/** Codes nest by their parts: "13.71" contains "13.71.11", which contains "13.71.11.1003". */
export function contains(wider: string, region: string): boolean {
  return region === wider || region.startsWith(`${wider}.`);
}

/** Whether every item of the part is in the whole. */
export function isSubset<T>(part: readonly T[], whole: readonly T[]): boolean {
  return part.every((item) => whole.includes(item));
}

/** Each pattern must grant something. "service/*" also grants what the service gets later, so only itself covers it. */
function grantsOnly(
  patterns: readonly string[],
  applied: readonly string[],
  methods: ReadonlyMap<string, NamedMethod>,
): boolean {
  const covered = new Set([...applied, ...applied.flatMap((pattern) => grantableMethods(pattern, methods))]);
  return patterns.every((pattern) => covered.has(pattern) && grantableMethods(pattern, methods).length > 0);
}

function endsWithin({ validFrom, validUntil }: Izin, termMonths: number): boolean {
  return validFrom !== undefined && validUntil !== undefined && validUntil <= addMonths(validFrom, termMonths);
}

/** The same day and time of day so many months later, or the month's last day where it has no such day. In UTC. */
function addMonths(start: Date, months: number): Date {
  const end = new Date(start);
  end.setUTCMonth(start.getUTCMonth() + months);
  if (end.getUTCDate() !== start.getUTCDate()) end.setUTCDate(0);
  return end;
}
