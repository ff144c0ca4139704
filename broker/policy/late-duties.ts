import { DutyState, type LateDuty } from '#gen/rangkiang/permit/v1/duty.ts';
import type { PermitWarned } from '#gen/rangkiang/permit/v1/policy.ts';
import type { Locale } from '#mesh/errors.ts';

/** Permit -> its duties that are late; permits of which none is late are not there. */
export type LateDuties = ReadonlyMap<string, readonly LateDuty[]>;

/** What is late after a permit's duties were told of anew. */
export function withWarning(before: LateDuties, { permitId, late }: PermitWarned): LateDuties {
  const after = new Map(before);
  if (late.length > 0) after.set(permitId, late);
  else after.delete(permitId);
  return after;
}

type Text = Readonly<Record<Locale, string>>;

const report: Text = { id: 'laporan semester', en: 'the semester report' };
const waiting: Text = { id: ' (menunggu Disdukcapil)', en: ' (waits for Disdukcapil)' };
const suspended: Text = {
  id: 'Izin {number} ditangguhkan dan belum lengkap: {duties}. Serahkan dengan HandIn (rangkiang permit hand-in). Sesudah Disdukcapil menyatakannya lengkap, minta Walikota memulihkan izin.',
  en: 'Permit {number} is suspended and lacks {duties}. Hand it in with HandIn (rangkiang permit hand-in). Once Disdukcapil has confirmed it, ask the Walikota to reinstate the permit.',
};
const warning: Text = {
  id: ' Terlambat: {duties}. Serahkan dengan HandIn (rangkiang permit hand-in) paling lambat {last}, sebab sesudahnya izin ditangguhkan.',
  en: ' Late: {duties}. Hand it in with HandIn (rangkiang permit hand-in) by {last}, for after that the permit is suspended.',
};

/** Why a suspended permit cannot be reinstated yet, with what to do; empty when no duty is past its grace. */
export function suspendedText(number: string, late: readonly LateDuty[], locale: Locale): string {
  const missed = late.filter(({ state }) => state !== DutyState.LATE);
  if (missed.length === 0) return '';
  return suspended[locale].replace('{number}', number).replace('{duties}', () => words(missed, locale));
}

/** The warning that belongs to what is still allowed; empty when nothing is late. */
export function warningText(late: readonly LateDuty[], locale: Locale): string {
  const [last] = late.map(({ graceEnd }) => graceEnd).sort();
  if (last === undefined) return '';
  return warning[locale].replace('{last}', last).replace('{duties}', () => words(late, locale));
}

function words(duties: readonly LateDuty[], locale: Locale): string {
  return duties
    .map(({ kind, period, state }) => {
      const name = kind === 'LAPORAN_SEMESTER' ? report[locale] : `data balikan ${kind}`;
      return `${name} ${period}${state === DutyState.HANDED_IN ? waiting[locale] : ''}`;
    })
    .join(', ');
}
