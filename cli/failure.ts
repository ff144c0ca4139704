import type { Locale, Text } from './language.ts';

/** Exit codes of every command. */
export const exitCode = {
  /** Done, or answered. */
  ok: 0,
  /** Refused or failed; words on standard error say why. */
  failed: 1,
  /** The command line is wrong; nothing was tried. */
  usage: 2,
} as const;

/** A failure that the person at the terminal can do something about; it is printed without a stack. */
export class CliFailure extends Error {
  readonly text: Text;
  readonly code: 1 | 2;

  constructor(text: Text, code: 1 | 2 = exitCode.failed, options?: { cause?: unknown }) {
    super(text.en, options);
    this.text = text;
    this.code = code;
  }
}

/** A wrong command line. */
export function usageFailure(text: Text): CliFailure {
  return new CliFailure(text, exitCode.usage);
}

/** The words of any thrown value; of an unexpected one its stack, for a bug report. */
export function failureWords(error: unknown, locale: Locale): string {
  if (error instanceof CliFailure) return error.text[locale];
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
