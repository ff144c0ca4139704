import { type Hours, Weekday } from '../../proto/gen/rangkiang/permit/v1/izin.ts';
import { usageFailure } from '../failure.ts';

/** How hours are written on the command line. */
export const hoursExample = 'MONDAY-THURSDAY/07:30-16:00,FRIDAY/07:30-16:30';

/**
 * Reads hours as in `hoursExample`; without days they are every day's. Throws a usage failure; whether the times are times of a
 * day the service checks.
 */
export function readHours(text: string): Hours[] {
  return text.split(',').map((part) => {
    const [, first, last = first, from = '', until = ''] =
      /^(?:([A-Z]+)(?:-([A-Z]+))?\/)?(\d\d:\d\d)-(\d\d:\d\d)$/.exec(part) ?? [];
    const days = first === undefined ? [] : daysBetween(first, last ?? first);
    if (from === '' || days === undefined) {
      throw usageFailure({
        id: `--hours ditulis HARI-HARI/JJ:MM-JJ:MM, misalnya ${hoursExample}.`,
        en: `--hours is written DAY-DAY/HH:MM-HH:MM, for example ${hoursExample}.`,
      });
    }
    return { days, from, until };
  });
}

function daysBetween(first: string, last: string): Weekday[] | undefined {
  const all = Object.values(Weekday);
  const [from, until] = [all[nameIndex(first)], all[nameIndex(last)]];
  if (!from || !until || from > until) return undefined;
  return all.filter((day) => day >= from && day <= until);
}

function nameIndex(name: string): number {
  return Object.keys(Weekday).indexOf(name);
}
