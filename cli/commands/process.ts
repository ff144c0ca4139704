import { type Command, defineCommand, jsonOption } from '../command.ts';
import { exitCode } from '../failure.ts';
import type { Text } from '../language.ts';
import { layoutOf } from '../state/layout.ts';
import { askControl } from '../supervisor/control.ts';

/** Stops one process of a running mesh; it stays stopped. */
export const stopCommand = processCommand('stop', {
  summary: {
    id: 'Hentikan satu proses dari mesh yang berjalan; tidak dijalankan lagi sampai "start"',
    en: 'Stop one process of a running mesh; it stays stopped until "start"',
  },
  done: (name) => ({ id: `${name} berhenti`, en: `${name} has stopped` }),
});

/** Starts a stopped process of a running mesh, and waits until it serves. */
export const startCommand = processCommand('start', {
  summary: { id: 'Jalankan lagi satu proses yang dihentikan', en: 'Start one stopped process again' },
  done: (name, pid) => ({ id: `${name} berjalan (pid ${pid})`, en: `${name} runs (pid ${pid})` }),
});

function processCommand(
  word: 'stop' | 'start',
  texts: { summary: Text; done(name: string, pid: number): Text },
): Command {
  return defineCommand({
    name: [word],
    operands: ['<process>'],
    summary: texts.summary,
    details: {
      id: 'process: signer, witness, audit, permit, resident, broker-1, broker-2 ... Seluruh mesh berhenti dengan Ctrl-C di terminal "up".',
      en: 'process: signer, witness, audit, permit, resident, broker-1, broker-2 ... The whole mesh stops with Ctrl-C in the terminal of "up".',
    },
    options: jsonOption,
    async run({ operands: [name = ''], options, locale, stateDir }) {
      const { pid } = await askControl(layoutOf(stateDir), { command: word, process: name });
      console.log(options.json ? JSON.stringify({ process: name, pid }) : texts.done(name, pid)[locale]);
      return exitCode.ok;
    },
  });
}
