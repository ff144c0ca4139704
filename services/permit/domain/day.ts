import { JAKARTA_OFFSET_MS } from '#mesh/jakarta.ts';

/** A day in Asia/Jakarta, "YYYY-MM-DD". Sorted as texts, days stand in their order. */
export type Day = string;

const DAY_MS = 86_400_000;

/** The day in Asia/Jakarta at a moment. */
export function dayAt(moment: Date): Day {
  return new Date(moment.getTime() + JAKARTA_OFFSET_MS).toISOString().slice(0, 10);
}

/** The day so many days later. */
export function daysAfter(day: Day, days: number): Day {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/**
 * The day so many months later; where the month has no such day, its last. The day itself may be one that its month lacks:
 * six months after "2026-06-31", the end of June, is the end of December.
 */
export function monthsAfter(day: Day, months: number): Day {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const lastDate = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, lastDate))).toISOString().slice(0, 10);
}
