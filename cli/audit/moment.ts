import { usageFailure } from '../failure.ts';

/** A moment from an option's text; without an offset it is meant in Padang. Throws a usage failure. */
export function momentOf(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const [, date, time = '00:00', offset = '+07:00'] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  const moment = new Date(`${date}T${time}${offset}`);
  if (date !== undefined && !Number.isNaN(moment.getTime())) return moment;
  throw usageFailure({
    id: `--${option} harus tanggal atau waktu, misalnya 2026-11-24 atau 2026-11-24T08:00.`,
    en: `--${option} must be a date or a time, e.g. 2026-11-24 or 2026-11-24T08:00.`,
  });
}
