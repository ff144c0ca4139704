import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { passwordIn } from './password.ts';
import { commandOf, freePort, portTaken, stopByPid } from './process.ts';
import { ensureRedis } from './redis-program.ts';

/** A running Redis (or Valkey) server of our own. */
export interface EmbeddedRedis {
  pid: number;
  port: number;
  /** With its password. */
  url: string;
  /** Ends the server; it keeps nothing on disk. */
  stop(): Promise<void>;
}

const startTimeoutMs = 10_000;
const pollMs = 20;

/**
 * Starts a Redis server on 127.0.0.1 that keeps nothing, with its password, log and pid file in `dir`. A server left over there by a
 * killed run is stopped first. Without a port, a free one is chosen. Installs Redis where it is missing and that is possible.
 */
export async function startRedis(options: {
  dir: string;
  port?: number;
  say?: (line: string) => void;
}): Promise<EmbeddedRedis> {
  const program = ensureRedis(options.say ?? console.log);
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const pidFile = join(dir, 'redis.pid');
  await stopLeftOver(pidFile);

  if (options.port !== undefined && (await portTaken(options.port)))
    throw new Error(`Redis' port ${options.port} is taken; choose another`);
  const port = options.port ?? (await freePort());
  const password = passwordIn(dir);
  const log = openSync(join(dir, 'redis.log'), 'a', 0o600);
  // A process group of its own, so that Ctrl-C in a terminal reaches it only through us, in order.
  const server = spawn(program, ['-'], { cwd: dir, stdio: ['pipe', log, log], detached: true });
  closeSync(log);
  // The configuration goes in by standard input: arguments, with the password, would show in the process list.
  server.stdin?.on('error', () => {}); // it ended before it read; the wait below says so
  server.stdin?.end(`bind 127.0.0.1\nport ${port}\nrequirepass ${password}\nsave ""\nappendonly no\n`);
  const gone = new Promise<never>((_, fail) => {
    server.once('error', fail);
    server.once('exit', () => fail(new Error(`Redis does not start, see ${join(dir, 'redis.log')}`)));
  });
  await Promise.race([untilAnswering(port), gone]);

  const pid = server.pid as number;
  writeFileSync(pidFile, `${pid} ${port}`);
  gone.catch(() => {}); // from here on its end is not an error of the start
  return {
    pid,
    port,
    url: `redis://:${password}@127.0.0.1:${port}`,
    stop: () => stopByPid(pid, ['SIGTERM', 'SIGKILL'], 5_000),
  };
}

async function untilAnswering(port: number): Promise<void> {
  const untilMs = Date.now() + startTimeoutMs;
  while (Date.now() < untilMs) {
    if (await answers(port)) return;
    await delay(pollMs);
  }
  throw new Error(`Redis does not answer on port ${port} after ${startTimeoutMs} ms`);
}

/** Any answer will do, the refusal of a PING without the password too. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** Redis shows its port in its command line, so a stranger that got the same process id is told apart. */
async function stopLeftOver(pidFile: string): Promise<void> {
  const [pid, port] = readPidFile(pidFile);
  if (pid && commandOf(pid)?.endsWith(`:${port}`)) await stopByPid(pid, ['SIGTERM', 'SIGKILL'], 5_000);
  rmSync(pidFile, { force: true });
}

function readPidFile(pidFile: string): number[] {
  try {
    return readFileSync(pidFile, 'utf8').split(' ').map(Number);
  } catch {
    return [];
  }
}
