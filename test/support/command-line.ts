import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** What a finished command line left. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

/** Runs `rangkiang` as a process of its own; does not throw on an exit code. */
export function commandLine(...words: string[]): Promise<Outcome> {
  return commandLineIn(process.env, ...words);
}

/** The same in an environment. */
export function commandLineIn(env: NodeJS.ProcessEnv, ...words: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
