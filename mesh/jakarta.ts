/** What Asia/Jakarta is ahead of UTC: Western Indonesia has kept UTC+7 without summer time since 1964. */
export const JAKARTA_OFFSET_MS = 7 * 3_600_000;
