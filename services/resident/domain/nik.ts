import { daysInMonth } from './calendar.ts';

/** Added to the day of birth of women. */
const WOMEN_DAY_OFFSET = 40;

/** Whether a text is 16 digits, as NIK and KK numbers are. */
export function isSixteenDigits(text: string): boolean {
  return /^[0-9]{16}$/.test(text);
}

/**
 * Whether a text has the form in which every NIK was issued (data/nik_rules.json): 16 digits, a day that exists in the
 * month (+40 for women; of the year only two digits are known, so 29 February needs one leap year among the centuries), and
 * a sequence from 0001. It has no check digit, and is never compared with the resident's own birth date, sex or region.
 */
export function isNik(text: string): boolean {
  if (!isSixteenDigits(text)) return false;
  const [day = 0, month = 0, year = 0] = [6, 8, 10].map((start) => Number(text.slice(start, start + 2)));
  const dayOfMonth = day > WOMEN_DAY_OFFSET ? day - WOMEN_DAY_OFFSET : day;
  const days = Math.max(daysInMonth(1900 + year, month), daysInMonth(2000 + year, month));
  return dayOfMonth >= 1 && dayOfMonth <= days && text.slice(12) !== '0000';
}
