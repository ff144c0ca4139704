import { setTimeout as delay } from 'node:timers/promises';
import { commandOf } from '../embedded/process.ts';

/** A database server that was started for a mesh. */
interface Server {
  readonly pid: number;
  stop(): Promise<void>;
}

const checkMs = 500;

/**
 * Starts a server, and again at the same address when it ends without being told to; a start that fails then is tried
 * again at the next look. `onDeath` is told each time it is found dead. Stopped for good when `cleanup` is disposed.
 */
export async function keepServer<T extends Server>(
  start: () => Promise<T>,
  onDeath: () => void,
  cleanup: AsyncDisposableStack,
): Promise<T> {
  const first = await start();
  let running: Server = first;
  const end = new AbortController();
  const watching = watch();
  cleanup.defer(async () => {
    end.abort();
    await watching;
    await running.stop();
  });
  return first;

  async function watch(): Promise<void> {
    while (!end.signal.aborted) {
      await delay(checkMs, undefined, { signal: end.signal }).catch(() => {});
      if (end.signal.aborted || commandOf(running.pid) !== undefined) continue;
      onDeath();
      running = await start().catch(() => running);
    }
  }
}
