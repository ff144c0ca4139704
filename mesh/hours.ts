import { type Hours, Weekday } from '#gen/rangkiang/permit/v1/izin.ts';
import { JAKARTA_OFFSET_MS } from './jakarta.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** 1970-01-01 was a Thursday: from here on, weeks begin on Monday 00:00 in Asia/Jakarta. */
const WEEK_OFFSET_MS = 3 * DAY_MS + JAKARTA_OFFSET_MS;

/** One stretch of a week, milliseconds since Monday 00:00 in Asia/Jakarta; the end is not part of it. */
interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Hours of the week, read once, so that a call compares numbers: stretches in order that neither touch nor overlap. One that
 * goes on past Sunday's end stands in it twice, once begun before Monday, so that no moment needs to be looked for twice.
 */
export type OpenHours = readonly Stretch[];

/**
 * The hours of an Izin; undefined when it may be used at any hour. Throws RangeError for what are no hours, since nothing else
 * tells them from hours that were meant.
 */
export function openHours(hours: readonly Hours[]): OpenHours | undefined {
  if (hours.length === 0) return undefined;
  const stretches = hours.flatMap(stretchesOf).sort((one, other) => one.fromMs - other.fromMs);
  const merged: Stretch[] = [];
  for (const stretch of stretches) {
    const last = merged.at(-1);
    if (last && stretch.fromMs <= last.untilMs) merged[merged.length - 1] = joined(last, stretch);
    else merged.push(stretch);
  }
  // Round the end of the week the last may reach the first.
  for (let [first] = merged; merged.length > 1 && first; [first] = merged) {
    const last = merged.at(-1) as Stretch;
    if (first.fromMs + WEEK_MS > last.untilMs) break;
    merged[merged.length - 1] = joined(last, { fromMs: first.fromMs + WEEK_MS, untilMs: first.untilMs + WEEK_MS });
    merged.shift();
  }
  const last = merged.at(-1) as Stretch;
  if (last.untilMs - last.fromMs >= WEEK_MS) return undefined;
  if (last.untilMs <= WEEK_MS) return merged;
  return [{ fromMs: last.fromMs - WEEK_MS, untilMs: last.untilMs - WEEK_MS }, ...merged];
}

/**
 * Whether both ends, milliseconds since 1970 UTC, lie in one stretch of the hours, and so all between them. An end that is not
 * a number lies in none.
 */
export function areOpen(hours: OpenHours | undefined, earliestMs: number, latestMs: number): boolean {
  if (hours === undefined) return true;
  const atMs = inWeek(earliestMs);
  const endMs = atMs + (latestMs - earliestMs);
  for (const { fromMs, untilMs } of hours) if (atMs >= fromMs && endMs < untilMs) return true;
  return false;
}

/** The first moment from `atMs` on at which the hours are open; both milliseconds since 1970 UTC. */
export function opensAt(hours: OpenHours, atMs: number): number {
  const weekMs = atMs - inWeek(atMs);
  const starts = hours.flatMap(({ fromMs }) => [weekMs + fromMs, weekMs + WEEK_MS + fromMs]);
  return areOpen(hours, atMs, atMs) ? atMs : Math.min(...starts.filter((startMs) => startMs >= atMs));
}

/** The first moment after `atMs` at which they are not; both likewise. To be asked while they are open. */
export function closesAt(hours: OpenHours, atMs: number): number {
  const ownMs = inWeek(atMs);
  const stretch = hours.find(({ fromMs, untilMs }) => ownMs >= fromMs && ownMs < untilMs);
  return atMs - ownMs + (stretch?.untilMs ?? ownMs);
}

/** Whether `wider` are open at every moment at which `narrower` are. */
export function coversHours(wider: OpenHours | undefined, narrower: OpenHours | undefined): boolean {
  if (wider === undefined) return true;
  if (narrower === undefined) return false;
  return narrower
    .filter(({ fromMs }) => fromMs >= 0)
    .every((each) => wider.some(({ fromMs, untilMs }) => fromMs <= each.fromMs && each.untilMs <= untilMs));
}

function stretchesOf({ days, from, until }: Hours): Stretch[] {
  const fromMs = timeOfDay(from);
  const untilMs = timeOfDay(until);
  if (!(fromMs < DAY_MS) || Number.isNaN(untilMs) || fromMs === untilMs) throw new RangeError('hours without a length');
  const lengthMs = untilMs > fromMs ? untilMs - fromMs : untilMs + DAY_MS - fromMs;
  const named = days.length > 0 ? days : [1, 2, 3, 4, 5, 6, 7];
  return named.map((day) => {
    if (!(day >= Weekday.MONDAY && day <= Weekday.SUNDAY)) throw new RangeError('hours of a day that does not exist');
    const startMs = (day - 1) * DAY_MS + fromMs;
    return { fromMs: startMs, untilMs: startMs + lengthMs };
  });
}

/** "07:30" in milliseconds, NaN for what is no time of day. */
function timeOfDay(text: string): number {
  const [, hour, minute] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? [];
  const timeMs = (Number(hour) * 60 + Number(minute)) * MINUTE_MS;
  return timeMs <= DAY_MS ? timeMs : Number.NaN;
}

function joined(one: Stretch, other: Stretch): Stretch {
  return { fromMs: one.fromMs, untilMs: Math.max(one.untilMs, other.untilMs) };
}

/** Milliseconds since the beginning of the week in Asia/Jakarta. */
function inWeek(ms: number): number {
  return (((ms + WEEK_OFFSET_MS) % WEEK_MS) + WEEK_MS) % WEEK_MS;
}
