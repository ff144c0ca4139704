import { type CivilDate, twoDigits } from './calendar.ts';
import type { Origin } from './regions.ts';

/** Sequences 9000 to 9999 only: a NIK that is valid in form may belong to somebody, and these hardly ever do. */
const FIRST_SEQUENCE = 9000;
const SEQUENCES = 1000;
const YEARS = 100;
const MONTHS = 12;
/** Days run to 31, for women to 71. */
const DAYS = 72;
const WOMEN = 40;

/**
 * Hands out NIK and family card numbers. Unique by construction: the first 12 digits name a cell (kecamatan, date,
 * sex) and each cell counts its own sequence. One 16-bit counter per cell, 8 MB whatever the size of the city.
 */
export class NumberRegister {
  readonly #taken: Uint16Array;

  /** `originCount`: how many kecamatan numbers are handed out for. */
  constructor(originCount: number) {
    this.#taken = new Uint16Array(originCount * YEARS * MONTHS * DAYS);
  }

  /** A new NIK, 16 digits. Throws RangeError when 1,000 people were registered in one kecamatan for one day. */
  nik(origin: Origin, birth: CivilDate, female: boolean): string {
    return this.#next(origin, birth, female ? birth.day + WOMEN : birth.day);
  }

  /** A new family card number, 16 digits: kecamatan, day of issue, sequence. Never equal to a NIK. */
  familyCard(origin: Origin, issued: CivilDate): string {
    return this.#next(origin, issued, issued.day);
  }

  #next(origin: Origin, date: CivilDate, day: number): string {
    const year = date.year % YEARS;
    const cell = ((origin.index * YEARS + year) * MONTHS + date.month - 1) * DAYS + day;
    const sequence = this.#taken[cell] as number;
    if (sequence === SEQUENCES) throw new RangeError(`no number is left in ${origin.code} for a day of ${date.year}`);
    this.#taken[cell] = sequence + 1;
    return `${origin.nikPrefix}${twoDigits(day)}${twoDigits(date.month)}${twoDigits(year)}${FIRST_SEQUENCE + sequence}`;
  }
}
