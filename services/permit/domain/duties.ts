import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { type Day, dayAt, daysAfter, monthsAfter } from './day.ts';

/** The report that Permendagri 102/2019 demands at the end of June and of December. */
const SEMESTER_REPORT = 'LAPORAN_SEMESTER';

/** What an OPD owes once: one kind, for one period. */
export interface Duty {
  /** Kind of data balikan, or SEMESTER_REPORT. */
  readonly kind: string;
  /** "2026-S1" of a semester report, else the day on which it is due. */
  readonly period: string;
  /** The last day on which it is in time. */
  readonly due: Day;
  /** Days after it in which being late only warns. */
  readonly graceDays: number;
}

/** Something handed in for a duty. */
export interface HandedIn {
  readonly kind: string;
  readonly period: string;
  readonly on: Day;
  /** What Disdukcapil said of it; undefined while it has not. */
  readonly review: { readonly confirmed: boolean; readonly on: Day } | undefined;
}

/** Where a duty stands; the names are those of the contract. */
export type Standing = 'CONFIRMED' | 'HANDED_IN' | 'OVERDUE' | 'LATE' | 'DUE';

/** A duty as it stands on a day. */
export interface StandingDuty extends Duty {
  /** The last day on which being late only warns. */
  readonly graceEnd: Day;
  readonly standing: Standing;
  /** Its grace went by without it: no suspension is lifted before it is confirmed. */
  readonly missed: boolean;
  /** The newest that was handed in for it. */
  readonly last: HandedIn | undefined;
}

/** What is owed by a permit. */
export interface Owing {
  readonly izin: Izin;
  /** From when on it owes: from its first validity, which renewals continue. */
  readonly since: Date;
  /** Days after the end of a semester in which being late with the report only warns. */
  readonly reportGraceDays: number;
}

/** What decides where a duty stands. */
interface Facts {
  readonly due: Day;
  readonly graceEnd: Day;
  readonly last: HandedIn | undefined;
  readonly today: Day;
}

/** The first row that holds is where the duty stands. */
const table: readonly (readonly [Standing, (facts: Facts) => boolean])[] = [
  ['CONFIRMED', ({ last }) => last?.review?.confirmed === true],
  ['HANDED_IN', ({ last }) => last !== undefined && last.review === undefined],
  ['OVERDUE', ({ today, graceEnd }) => today > graceEnd],
  ['LATE', ({ today, due }) => today > due],
  ['DUE', () => true],
];

/**
 * Every duty of a permit as it stands on a day: those that have fallen due, and of each kind the next. `handedIn` is in order.
 * What was handed in by the end of the grace and sent back has the grace again, from the day on which it was sent back.
 */
export function dutiesOf(owing: Owing, handedIn: readonly HandedIn[], today: Day): StandingDuty[] {
  return dutiesUntil(owing, today).map((duty) => {
    const own = handedIn.filter(({ kind, period }) => kind === duty.kind && period === duty.period);
    return stand(duty, own, today);
  });
}

/** Whether an Izin owes anything at all. */
export function owesAnything({ dataBalikan, dirjenLetter }: Pick<Izin, 'dataBalikan' | 'dirjenLetter'>): boolean {
  return dataBalikan.length > 0 || dirjenLetter !== '';
}

interface Rhythm {
  readonly kind: string;
  readonly firstDue: Day;
  readonly everyMonths: number;
  readonly graceDays: number;
}

/** The Dirjen's letter is in every Izin under 102/2019 and in no other, so the signed document itself says what is owed. */
function rhythmsOf({ izin, since, reportGraceDays }: Owing): Rhythm[] {
  if (izin.dirjenLetter === '') return izin.dataBalikan;
  const firstDue = `${dayAt(since).slice(0, 4)}-06-31`;
  return [{ kind: SEMESTER_REPORT, firstDue, everyMonths: 6, graceDays: reportGraceDays }, ...izin.dataBalikan];
}

function dutiesUntil(owing: Owing, today: Day): Duty[] {
  const firstDay = dayAt(owing.since);
  const lastDay = dayAt(new Date(Number(owing.izin.validUntil) - 1));
  return rhythmsOf(owing).flatMap(({ kind, firstDue, everyMonths, graceDays }) => {
    const duties: Duty[] = [];
    let due = monthsAfter(firstDue, 0);
    for (let nth = 1; due <= lastDay; nth += 1) {
      if (due >= firstDay) duties.push({ kind, period: periodOf(kind, due), due, graceDays });
      if (due >= today && due >= firstDay) break;
      due = monthsAfter(firstDue, nth * everyMonths);
    }
    return duties;
  });
}

function periodOf(kind: string, due: Day): string {
  return kind === SEMESTER_REPORT ? `${due.slice(0, 4)}-S${due.slice(5, 7) === '06' ? 1 : 2}` : due;
}

function stand(duty: Duty, handedIn: readonly HandedIn[], today: Day): StandingDuty {
  const { due, graceDays } = duty;
  let graceEnd = daysAfter(due, graceDays);
  for (const { on, review } of handedIn) {
    if (on > graceEnd || review?.confirmed !== false) continue;
    const again = daysAfter(review.on, graceDays);
    if (again > graceEnd) graceEnd = again;
  }
  const last = handedIn.at(-1);
  const [standing] = table.find(([, holds]) => holds({ due, graceEnd, last, today })) ?? ['DUE'];
  const inTime = standing === 'CONFIRMED' || (standing === 'HANDED_IN' && last !== undefined && last.on <= graceEnd);
  return { ...duty, graceEnd, standing, missed: today > graceEnd && !inTime, last };
}
