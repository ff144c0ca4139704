/** A date as days since 1970-01-01; negative before. Cheap to compare, add and hold. */
export type Day = number;

/** A date taken apart: month 1 to 12, day 1 to 31. */
export interface CivilDate {
  year: number;
  month: number;
  day: number;
}

/** Mean length of a year in days. */
export const YEAR = 365.2425;

/** Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant, "days_from_civil"). */
export function dayOf(year: number, month: number, day: number): Day {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a day number (Howard Hinnant, "civil_from_days"). */
export function civil(day: Day): CivilDate {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/**
 * The day on which the synthetic register was taken. A constant, so that the same seed stays the same city, and past on
 * every clock, since a register refuses dates to come.
 */
export const AS_OF: Day = dayOf(2025, 12, 31);

/** Age in full years at AS_OF, right to a day or two. */
export function ageOf(birth: Day): number {
  return Math.floor((AS_OF - birth) / YEAR);
}

/** Two digits of a number below 100, "07". */
export function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}
