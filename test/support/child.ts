import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A log line of one of our processes. */
export type Line = { msg: string; level: string } & Record<string, unknown>;

/** A process under test. */
export interface Child {
  process: ChildProcess;
  /** Every line so far. */
  lines: Line[];
  /** Resolves with the first line with this message; rejects when the process ends without it. */
  said(message: string): Promise<Line>;
  /** Resolves with the exit code, or the signal's name, after the last line was read. */
  exit: Promise<number | string>;
}

/** Runs a TypeScript file with Node and reads the JSON lines that it prints. */
export function startChild(file: URL, args: string[], env: Record<string, string> = {}): Child {
  const child = spawn(process.execPath, [file.pathname, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, ...env },
  });
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  const news = () => {
    for (const look of waiting) look();
  };
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text));
    news();
  });
  let ended = false;
  const exit = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      ended = true;
      news();
      resolve(code ?? signal ?? 'unknown');
    });
  });
  const said = (message: string) =>
    new Promise<Line>((resolve, reject) => {
      const look = () => {
        const line = lines.find(({ msg }) => msg === message);
        if (line) resolve(line);
        else if (ended) reject(new Error(`ended without saying "${message}": ${JSON.stringify(lines)}`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return { process: child, lines, said, exit };
}
