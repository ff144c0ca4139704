import { Kind, type Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';

const HOUR_MS = 3_600_000;
const HOURS_A_DAY = 24;
const DAYS = 7;
/** Fewer days tell too little of an agency's habits. */
const LEAST_DAYS = 3;
const FACTOR = 2;
const LEAST_ROWS = 1_000;

/** `reason` of its alerts. */
export const VOLUME = 'VOLUME';

/** What is remembered of one agency. Times are whole hours and days since 1970 UTC. */
export interface Volume {
  hour: number;
  /** Rows that left in that hour. */
  rows: number;
  /** The hour that was alerted; 0 for none. */
  alerted: number;
  /** Rows of the busiest hour, of at most 7 days on which rows left, oldest first. */
  readonly days: { readonly day: number; busiest: number }[];
}

function closeHour({ days, hour, rows }: Volume): void {
  const day = Math.floor(hour / HOURS_A_DAY);
  const today = days.at(-1);
  if (today?.day === day) today.busiest = Math.max(today.busiest, rows);
  else days.push({ day, busiest: rows });
  if (days.length > DAYS) days.shift();
}

/**
 * Adds a record to what is remembered of its agency; answers the rows of this hour when they have just become more than twice
 * those of the busiest hour of the seven days before on which the agency worked. A late record counts for the present hour.
 */
export function addVolume(volumes: Map<string, Volume>, { kind, opd, rows, timeUs }: Leaf): number | undefined {
  if (kind !== Kind.DISCLOSED) return undefined;
  const hour = Number(timeUs / 1_000n / BigInt(HOUR_MS));
  const volume = volumes.get(opd) ?? { hour, rows: 0, alerted: 0, days: [] };
  volumes.set(opd, volume);
  if (hour > volume.hour) {
    closeHour(volume);
    volume.hour = hour;
    volume.rows = 0;
  }
  volume.rows += Math.max(1, rows);
  const usual = Math.max(...volume.days.map(({ busiest }) => busiest), 0);
  const isMuch = volume.rows >= LEAST_ROWS && volume.rows > FACTOR * usual && volume.days.length >= LEAST_DAYS;
  if (!isMuch || volume.alerted === volume.hour) return undefined;
  volume.alerted = volume.hour;
  return volume.rows;
}
