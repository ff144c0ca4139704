#!/usr/bin/env node
import { refusalJson, refusalText } from './client/print.ts';
import { CallRefused } from './client/refusal.ts';
import { type Command, parseInvocation } from './command.ts';
import { commands, loadCommands } from './commands/table.ts';
import { CliFailure, exitCode, failureWords, usageFailure } from './failure.ts';
import { commandHelp, overviewHelp } from './help.ts';
import { chooseLocale, type Locale } from './language.ts';

/** Words before the first option. */
function leadingWords(argv: readonly string[]): string[] {
  const end = argv.findIndex((word) => word.startsWith('-'));
  return argv.slice(0, end < 0 ? argv.length : end);
}

async function main(argv: readonly string[], locale: Locale): Promise<number> {
  const words = leadingWords(argv);
  const name = [3, 2, 1].map((count) => words.slice(0, count).join(' ')).find((candidate) => commands.has(candidate));
  if (name === undefined) return overview(argv, words, locale);
  const command = await (commands.get(name) as () => Promise<Command>)();
  const invocation = parseInvocation(command, argv.slice(command.name.length), locale);
  if (invocation.options.help) {
    console.log(commandHelp(command, locale));
    return exitCode.ok;
  }
  return command.run(invocation);
}

/** Help on all commands or on those of a group; a usage failure for a word that begins none. */
async function overview(argv: readonly string[], words: readonly string[], locale: Locale): Promise<number> {
  const listed = await loadCommands(words);
  if (listed.length === 0) {
    const unknown = words.slice(0, 2).join(' ');
    throw usageFailure({
      id: `Tidak ada perintah "${unknown}". Daftar perintah: rangkiang --help`,
      en: `There is no command "${unknown}". For the list: rangkiang --help`,
    });
  }
  console.log(overviewHelp(listed, words, locale));
  return argv.includes('--help') ? exitCode.ok : exitCode.usage;
}

const argv = process.argv.slice(2);
const locale = chooseLocale(argv, process.env);
// A reader that has seen enough, as in `| head`, is no failure; what has to be stopped in order is stopped as by SIGTERM.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!process.emit('SIGTERM')) process.exit(exitCode.ok);
});
try {
  process.exitCode = await main(argv, locale);
} catch (error) {
  if (error instanceof CallRefused && argv.includes('--json')) console.log(refusalJson(error.refusal));
  else if (error instanceof CallRefused) console.error(refusalText(error.refusal, locale));
  else console.error(failureWords(error, locale));
  process.exitCode = error instanceof CliFailure ? error.code : exitCode.failed;
}
