import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { TlsFiles } from '../../mesh/tls.ts';

/** A bare echo that runs. */
export interface Echo {
  readonly address: string;
  readonly pid: number;
  close(): void;
}

/** Starts the bare echo in a process of its own; it answers every call of `path` with `answerBytes` bytes. */
export async function startEcho(path: string, answerBytes: number, tls: TlsFiles): Promise<Echo> {
  const child = fork(new URL('server.ts', import.meta.url), [path, String(answerBytes), tls.ca, tls.cert, tls.key]);
  const [address] = (await once(child, 'message')) as [string];
  return { address, pid: child.pid ?? 0, close: () => child.disconnect() };
}
