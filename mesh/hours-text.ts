import { type Hours, Weekday } from '#gen/rangkiang/permit/v1/izin.ts';
import type { Locale } from './errors.ts';

const dayNames: Readonly<Record<Locale, readonly string[]>> = {
  id: ['Senin', 'Selasa', 'Rabu', 'Kamis', 'Jumat', 'Sabtu', 'Minggu'],
  en: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
};
const everyDay: Readonly<Record<Locale, string>> = { id: 'setiap hari', en: 'every day' };
const anyHour: Readonly<Record<Locale, string>> = { id: 'setiap saat', en: 'at any hour' };

/** Hours as an office writes them: "Senin-Kamis 07:30-16:00, Jumat 07:30-16:30 WIB". */
export function hoursText(hours: readonly Hours[], locale: Locale): string {
  if (hours.length === 0) return anyHour[locale];
  return `${hours.map(({ days, from, until }) => `${daysText(days, locale)} ${from}-${until}`).join(', ')} WIB`;
}

/** Days in a row are told by the first and the last, three or more of them. */
function daysText(days: readonly Weekday[], locale: Locale): string {
  if (days.length === 0 || days.length === 7) return everyDay[locale];
  const runs: Weekday[][] = [];
  for (const day of [...days].sort((one, other) => one - other)) {
    const run = runs.at(-1);
    if (run?.at(-1) === day - 1) run?.push(day);
    else runs.push([day]);
  }
  const name = (day: Weekday | undefined) => dayNames[locale][(day ?? Weekday.UNSPECIFIED) - Weekday.MONDAY] ?? '?';
  return runs.flatMap((run) => (run.length > 2 ? [`${name(run[0])}-${name(run.at(-1))}`] : run.map(name))).join(', ');
}
