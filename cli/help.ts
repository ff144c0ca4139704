import { type Command, commonOptions, type OptionTable } from './command.ts';
import type { Locale, Text } from './language.ts';

const intro: Text = {
  id: 'rangkiang - jaringan layanan data kependudukan Kota Padang, hanya sebagaimana diizinkan Walikota',
  en: 'rangkiang - the service mesh for the population register of Kota Padang, only as the Walikota granted',
};
const usageWord: Text = { id: 'Pemakaian', en: 'Usage' };
const commandsWord: Text = { id: 'Perintah', en: 'Commands' };
const optionsWord: Text = { id: 'Pilihan', en: 'Options' };
const exitCodes: Text = {
  id: 'Kode keluar: 0 selesai atau dijawab, 1 ditolak atau gagal, 2 perintah salah ketik.',
  en: 'Exit codes: 0 done or answered, 1 refused or failed, 2 wrong command line.',
};
const more: Text = {
  id: 'Bantuan tiap perintah: rangkiang <perintah> --help. Bahasa Inggris: --lang en atau RANGKIANG_LANG=en.',
  en: 'Help on each command: rangkiang <command> --help. Language: --lang id|en or RANGKIANG_LANG.',
};

/** How a command is written: its words and operands. */
export function usageOf(command: Command): string {
  return ['rangkiang', ...command.name, ...command.operands].join(' ');
}

/** Help on the commands whose names begin with `words`. */
export function overviewHelp(listed: readonly Command[], words: readonly string[], locale: Locale): string {
  return [
    intro[locale],
    '',
    `${usageWord[locale]}: rangkiang ${[...words, '<...>'].join(' ')}`,
    '',
    `${commandsWord[locale]}:`,
    ...columns(listed.map((command) => [usageOf(command).slice('rangkiang '.length), command.summary[locale]])),
    '',
    more[locale],
    exitCodes[locale],
  ].join('\n');
}

/** Help on one command. */
export function commandHelp(command: Command, locale: Locale): string {
  const table: OptionTable = { ...command.options, ...commonOptions };
  const options = Object.entries(table);
  return [
    command.summary[locale],
    '',
    `${usageWord[locale]}: ${usageOf(command)} [--...]`,
    '',
    ...(command.details ? [command.details[locale], ''] : []),
    `${optionsWord[locale]}:`,
    ...columns(options.map(([name, { value, help }]) => [value ? `--${name} ${value}` : `--${name}`, help[locale]])),
    '',
    exitCodes[locale],
  ].join('\n');
}

function columns(rows: readonly (readonly [left: string, right: string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
