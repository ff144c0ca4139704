import { JAKARTA_OFFSET_MS } from '../../mesh/jakarta.ts';
import type { Emergency } from '../../proto/gen/rangkiang/permit/v1/emergency.ts';
import type { DataBalikan, Hours, Izin } from '../../proto/gen/rangkiang/permit/v1/izin.ts';
import type { Application } from '../../proto/gen/rangkiang/permit/v1/permit.ts';
import { Element } from '../../proto/gen/rangkiang/type/v1/element.ts';

/** What the Walikota sets beside what the OPD applied for. */
export interface IzinTerms {
  /** Number in the Walikota's register. */
  readonly number: string;
  /** Calls in one minute, by all units together. */
  readonly quotaPerMinute: number;
  /** Most rows in one answer. */
  readonly rowCap: number;
  /** Smallest count that an aggregate shows. */
  readonly minimumCell: number;
  /** Rows of residents under 18 may be used. */
  readonly children: boolean;
  /** CACAT may be used, when it was applied for. */
  readonly disability: boolean;
  readonly operatorRequired: boolean;
  readonly caseNumberRequired: boolean;
  /** Data balikan, each first due after as many months as then lie between two. */
  readonly owed?: readonly Omit<DataBalikan, 'firstDue'>[];
  /** When it may be used; what was applied for when it is left out. */
  readonly hours?: Hours[];
  /** On which law the use rests; what was applied for when it is left out. */
  readonly legalBasis?: string;
  /** Set for a permit that counts only in an emergency. */
  readonly emergency?: Emergency;
}

/** Careful terms for an ordinary office. */
export const usualTerms: Omit<IzinTerms, 'number' | 'owed'> = {
  quotaPerMinute: 6_000,
  rowCap: 100,
  minimumCell: 5,
  children: false,
  disability: false,
  operatorRequired: false,
  caseNumberRequired: false,
};

const minuteMs = 60_000;

/**
 * The Izin that grants an application in full, but CACAT only with its own flag. It counts from the current minute, so
 * that a broker whose clock is a little behind takes it at once, for as many months as were applied for.
 */
export function draftIzin(application: Application, { owed = [], ...terms }: IzinTerms, now: Date): Izin {
  const { content } = application;
  if (!content) throw new Error('the application has no content');
  const validFrom = new Date(Math.floor(now.getTime() / minuteMs) * minuteMs);
  return {
    permitId: application.applicationId,
    opd: application.opd,
    units: content.units,
    purpose: content.purpose,
    methods: content.methods,
    elements: content.elements.filter((element) => element !== Element.CACAT || terms.disability),
    quotaPerDay: content.quotaPerDay,
    hours: content.hours,
    legalBasis: content.legalBasis,
    subPurpose: content.subPurpose,
    validFrom,
    validUntil: monthsAfter(validFrom, content.termMonths),
    version: 0,
    dirjenLetter: application.dirjenLetter,
    dataBalikan: owed.map((each) => ({ ...each, firstDue: dayOf(monthsAfter(validFrom, each.everyMonths)) })),
    emergency: undefined,
    ...terms,
  };
}

/**
 * The next version of an Izin: the same grant from the current minute on, under another number in the register, for so
 * many months.
 */
export function draftRenewal(izin: Izin, number: string, months: number, now: Date): Izin {
  const validFrom = new Date(Math.floor(now.getTime() / minuteMs) * minuteMs);
  const validUntil = monthsAfter(validFrom, months);
  return { ...izin, number, version: izin.version + 1, validFrom, validUntil };
}

/** The day in Asia/Jakarta at a moment, "YYYY-MM-DD". */
function dayOf(moment: Date): string {
  return new Date(moment.getTime() + JAKARTA_OFFSET_MS).toISOString().slice(0, 10);
}

/** The same day some months later; where that month is shorter, its last day. */
function monthsAfter(start: Date, months: number): Date {
  const end = new Date(start);
  end.setUTCMonth(end.getUTCMonth() + months);
  if (end.getUTCDate() !== start.getUTCDate()) end.setUTCDate(0);
  return end;
}
