import { JAKARTA_OFFSET_MS } from '#mesh/jakarta.ts';

const DAY_MS = 86_400_000;

/** The day in Asia/Jakarta at a moment (milliseconds since 1970 UTC), counted from 1970-01-01. */
export function dayNumber(atMs: number): number {
  return Math.floor((atMs + JAKARTA_OFFSET_MS) / DAY_MS);
}

/** A day number as "YYYY-MM-DD". */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
