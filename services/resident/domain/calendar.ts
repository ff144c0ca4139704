import type { DateMessage as CalendarDate } from '#gen/rangkiang/type/v1/date.ts';
import { JAKARTA_OFFSET_MS } from '#mesh/jakarta.ts';

/** Age of majority. */
const ADULT_AGE = 18;

/** A date as one number, yyyymmdd; unknown months and days are 00, a wholly unknown date is 0. */
export type DateNumber = number;

/** Today's date in Asia/Jakarta. */
export function todayInJakarta(nowMs: number = Date.now()): DateNumber {
  const date = new Date(nowMs + JAKARTA_OFFSET_MS);
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}

/** The last birth date of those who are adults today: one of 29 February comes of age on 1 March. */
export function adultIfBornBy(today: DateNumber): DateNumber {
  return today - ADULT_AGE * 10_000;
}

/** A date of the contract as a number. */
export function numberOf(date: CalendarDate): DateNumber {
  return date.year * 10_000 + date.month * 100 + date.day;
}

/** A number as a date of the contract. */
export function dateOf(number: DateNumber): CalendarDate {
  return { year: Math.floor(number / 10_000), month: Math.floor(number / 100) % 100, day: number % 100 };
}

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days in a month, 1 to 12; 0 for any other. */
export function daysInMonth(year: number, month: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeapYear ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
}

/** Whether a date can stand in a register: a day needs its month, a month its year, and the day must exist. */
export function isRegisterDate({ year, month, day }: CalendarDate): boolean {
  if (year === 0) return month === 0 && day === 0;
  if (month === 0) return year > 0 && day === 0;
  return year > 0 && day >= 0 && day <= daysInMonth(year, month);
}
