import type { Locale } from '../mesh/errors.ts';

export type { Locale };

/** A text for people, in every language that we have. */
export type Text = Readonly<Record<Locale, string>>;

/**
 * The language of a command: what `--lang` says, else RANGKIANG_LANG, else Indonesian. The machine's own LANG is not
 * asked: servers stand on English systems and are read by Indonesian officials.
 */
export function chooseLocale(argv: readonly string[], env: NodeJS.ProcessEnv): Locale {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const asked = at < 0 ? env.RANGKIANG_LANG : (argv[at]?.split('=')[1] ?? argv[at + 1]);
  return asked === 'en' ? 'en' : 'id';
}
