import type { Answered } from '../client/caller.ts';
import { answerJson, answerText } from '../client/print.ts';
import type { Locale } from '../language.ts';
import type { Told } from './words.ts';

/** What was decided: a line for people, the contract's message for programs. */
export function printTold(
  answered: Answered<unknown>,
  { line, json }: Told,
  asJson: boolean | undefined,
  locale: Locale,
): void {
  console.log(asJson ? answerJson({ ...answered, message: json }) : answerText({ ...answered, message: line }, locale));
}
