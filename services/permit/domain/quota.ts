import { JAKARTA_OFFSET_MS } from '#mesh/jakarta.ts';
/**
 * Rows that one reservation takes: what the broker needs, or more while much is left, so that a busy broker asks
 * seldom; 0 when fewer than needed are left. With half of the rest shared by all brokers, one reservation cannot
 * starve the others.
 */
export function chunkRows(quota: { limit: number; reserved: number; needed: number; brokers: number }): number {
  const left = quota.limit - quota.reserved;
  if (quota.needed > left) return 0;
  return Math.max(quota.needed, Math.floor(left / (2 * Math.max(1, quota.brokers))));
}

const DAY_MS = 86_400_000;

/**
 * Whether rows of a day ("YYYY-MM-DD", Asia/Jakarta) may be reserved at a moment: of today, and of the days before
 * and after it, because a broker's clock may differ from ours around midnight.
 */
export function isReservable(day: string, nowMs: number): boolean {
  const dayMs = Date.parse(`${day}T00:00:00Z`);
  const todayMs = Math.floor((nowMs + JAKARTA_OFFSET_MS) / DAY_MS) * DAY_MS;
  return Math.abs(dayMs - todayMs) <= DAY_MS && new Date(dayMs).toISOString().startsWith(day);
}
