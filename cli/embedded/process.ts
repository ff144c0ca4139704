import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 20;

// Below the ports that systems hand to outgoing connections (from 32,768 on Linux, 49,152 on macOS), one of which could take
// a port between our look at it and the server's.
const ports = { from: 20_000, to: 32_768 };

/** A random port of 127.0.0.1 that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  let port = randomInt(ports.from, ports.to);
  while (await portTaken(port)) port = randomInt(ports.from, ports.to);
  return port;
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
