import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 20;

/** A port of 127.0.0.1 that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port on 127.0.0.1');
  return address.port;
}

/** Whether something already listens on a port of 127.0.0.1. */
export async function portTaken(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
}

/** The command line of a living process, its words divided by spaces; undefined when there is none with that id. */
export function commandOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Sends each signal in turn and gives the process `patienceMs` after it to end; resolves as soon as it is gone.
 * Throws when it outlives them all.
 */
export async function stopByPid(pid: number, signals: readonly NodeJS.Signals[], patienceMs: number): Promise<void> {
  for (const signal of signals) {
    if (!send(pid, signal)) return;
    const untilMs = Date.now() + patienceMs;
    while (Date.now() < untilMs) {
      if (commandOf(pid) === undefined) return; // a zombie, too, has no command line
      await delay(pollMs);
    }
  }
  throw new Error(`process ${pid} does not end`);
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
