import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { usageFailure } from './failure.ts';
import type { Locale, Text } from './language.ts';

/** One option of a command. */
export interface Option {
  readonly type: 'string' | 'boolean';
  /** What stands for its value in the help, e.g. "N"; strings only. */
  readonly value?: string;
  readonly help: Text;
}

/** Options by name, without the dashes. */
export type OptionTable = Readonly<Record<string, Option>>;

/** The values of options as given; one that was not given is undefined. */
export type OptionValues<T extends OptionTable> = {
  readonly [K in keyof T]: (T[K]['type'] extends 'boolean' ? boolean : string) | undefined;
};

/** What a command runs with. */
export interface Invocation<T extends OptionTable = OptionTable> {
  /** Words that are no options, as many as the command's `operands` allow. */
  readonly operands: readonly string[];
  readonly options: OptionValues<T & typeof commonOptions>;
  readonly locale: Locale;
  /** Directory of the mesh's state. */
  readonly stateDir: string;
}

/** One command. */
export interface Command {
  /** The words that name it, e.g. ["opd", "enrol"]. */
  readonly name: readonly string[];
  /** What follows the name, e.g. ["<code>"]; in brackets when it may be left out. */
  readonly operands: readonly string[];
  readonly summary: Text;
  /** More help: how, why, examples. */
  readonly details?: Text;
  readonly options: OptionTable;
  /** Answers the exit code. */
  run(invocation: Invocation): Promise<number>;
}

/** Options that every command has. */
export const commonOptions = {
  state: {
    type: 'string',
    value: 'DIR',
    help: { id: 'Direktori keadaan mesh (bawaan .rangkiang)', en: 'State directory of the mesh (default .rangkiang)' },
  },
  lang: {
    type: 'string',
    value: 'id|en',
    help: { id: 'Bahasa teks (bawaan id)', en: 'Language of texts (default id)' },
  },
  help: { type: 'boolean', help: { id: 'Tampilkan bantuan ini', en: 'Show this help' } },
} as const satisfies OptionTable;

/** The option that commands have whose answer a program may read. */
export const jsonOption = {
  json: { type: 'boolean', help: { id: 'Keluaran JSON untuk program', en: 'JSON output, for programs' } },
} as const satisfies OptionTable;

/** Declares a command so that `run` sees the types of its own options. */
export function defineCommand<T extends OptionTable>(
  command: Omit<Command, 'options' | 'run'> & { options: T; run(invocation: Invocation<T>): Promise<number> },
): Command {
  return command as unknown as Command;
}

/** Reads the words after the command's name. Throws a usage failure that names the wrong word. */
export function parseInvocation(command: Command, words: readonly string[], locale: Locale): Invocation {
  const options = { ...commonOptions, ...command.options };
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(options).map(([name, { type }]) => [name, { type }]),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...words], options: config, allowPositionals: true, strict: true });
  } catch (error) {
    const message = (error as Error).message.split('.')[0] ?? '';
    throw usageFailure({ id: `Pilihan salah: ${message}. Lihat --help.`, en: `${message}. See --help.` });
  }
  const invocation: Invocation = {
    operands: parsed.positionals,
    options: parsed.values as Invocation['options'],
    locale,
    stateDir: (parsed.values.state as string | undefined) ?? '.rangkiang',
  };
  if (invocation.options.lang !== undefined) oneOf('lang', invocation.options.lang, ['id', 'en']);
  if (!invocation.options.help) checkOperands(command, parsed.positionals);
  return invocation;
}

function checkOperands(command: Command, given: readonly string[]): void {
  const missing = command.operands.find((operand, i) => !operand.startsWith('[') && given[i] === undefined);
  if (missing) throw usageFailure({ id: `Kurang: ${missing}. Lihat --help.`, en: `Missing: ${missing}. See --help.` });
  const extra = given[command.operands.length];
  if (extra !== undefined)
    throw usageFailure({ id: `Kata berlebih: ${extra}. Lihat --help.`, en: `Unexpected word: ${extra}. See --help.` });
}

/** A whole number from an option's text. Throws a usage failure that names the option. */
export function wholeNumber(option: string, text: string, range: { min: number; max: number }): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= range.min && number <= range.max) return number;
  throw usageFailure({
    id: `--${option} harus bilangan bulat dari ${range.min} sampai ${range.max}.`,
    en: `--${option} must be a whole number from ${range.min} to ${range.max}.`,
  });
}

/** One of a closed list of words from an option's text. Throws a usage failure that lists them. */
export function oneOf<T extends string>(option: string, text: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === text);
  if (word !== undefined) return word;
  throw usageFailure({
    id: `--${option} harus salah satu dari ${words.join(', ')}.`,
    en: `--${option} must be one of ${words.join(', ')}.`,
  });
}
