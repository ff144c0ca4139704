import assert from 'node:assert/strict';
import { AS_OF, type Day, dayOf, YEAR } from '../../../../cli/population/calendar.ts';
import { population } from '../../../../cli/population/population.ts';
import type { BasicStatus } from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';
import type { Resident } from '../../../../proto/gen/rangkiang/resident/v1/resident.ts';
import { checkRow } from './row-rules.ts';

/** Codes of the list shdk that tests name. */
export const Shdk = { head: 1, husband: 2, wife: 3, child: 4, inLaw: 5, grandchild: 6, elders: [7, 8] };

/** One row of the sample. */
export interface Entry {
  readonly resident: Resident;
  readonly status: BasicStatus;
  /** Birth, mid-year where only the year is known. */
  readonly birth: Day;
  /** In years, with fractions. */
  readonly age: number;
}

/** A city of 60,000 whose rows all kept the rules. */
export interface SampleCity {
  readonly entries: readonly Entry[];
  readonly byNik: ReadonlyMap<string | undefined, Entry>;
  /** Households by family card number, members in order. */
  readonly cards: ReadonlyMap<string | undefined, readonly Entry[]>;
  /** Which part of all entries fits, 0 to 1. */
  share(predicate: (entry: Entry) => boolean): number;
}

let sample: SampleCity | undefined;

/** The sample, drawn once for all tests. */
export function sampleCity(): SampleCity {
  sample ??= draw(60_000);
  return sample;
}

function draw(residents: number): SampleCity {
  const entries = Array.from(population(1, residents), (row, index): Entry => {
    assert.equal(row.line, BigInt(index + 1));
    const resident = checkRow(row);
    const birth = birthOf(resident);
    return { resident, status: row.status, birth, age: yearsBetween(birth, AS_OF) };
  });
  return {
    entries,
    byNik: new Map(entries.map((entry) => [entry.resident.nik, entry])),
    cards: Map.groupBy(entries, ({ resident }) => resident.nomorKk),
    share: (predicate) => entries.filter(predicate).length / entries.length,
  };
}

function birthOf({ tanggalLahir }: Resident): Day {
  assert.ok(tanggalLahir);
  return dayOf(tanggalLahir.year, tanggalLahir.month || 7, tanggalLahir.day || 1);
}

/** Years from one day to another, with fractions. */
export function yearsBetween(one: Day, other: Day): number {
  return (other - one) / YEAR;
}

/** Fails unless a value lies between two others. */
export function between(value: number, least: number, most: number): void {
  assert.ok(value >= least && value <= most, `${value} is not between ${least} and ${most}`);
}
