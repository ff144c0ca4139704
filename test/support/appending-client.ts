import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { TlsFiles } from '#mesh/tls.ts';
import { startChild } from './child.ts';
import type { KeptRecord } from './one-history.ts';

/** A process that appends without end; see appending-process.ts. */
export interface AppendingClient {
  /** Resolves when so many more records are acknowledged, each on the client's disk. */
  grown(count: number): Promise<void>;
  /** What its file holds: the records acknowledged to it, and the signed heads that it was shown. */
  kept(): Promise<{ readonly records: KeptRecord[]; readonly checkpoints: string[] }>;
  /** Stops it while something is done that needs the machine. */
  resting(work: () => Promise<void>): Promise<void>;
  /** Kills it: its file is all that it leaves. */
  kill(): Promise<void>;
}

/** Starts one that writes to the audit service at `address` and keeps its lines in `file`. */
export function startAppendingClient(options: {
  address: string;
  tls: TlsFiles;
  file: string;
  writers: number;
}): AppendingClient {
  const { ca, cert, key } = options.tls;
  const child = startChild(new URL('./appending-process.ts', import.meta.url), [], {
    ADDRESS: options.address,
    CA: ca,
    CERT: cert,
    KEY: key,
    FILE: options.file,
    WRITERS: String(options.writers),
  });
  return {
    async grown(count) {
      const from = child.lines.length;
      while (child.lines.length < from + count) await delay(5);
    },
    async kept() {
      const lines = (await readFile(options.file, 'utf8')).split('\n').map((line) => line.split(' '));
      // The last may be half a line: what is on disk is what was counted.
      const whole = lines.slice(0, -1);
      return {
        records: whole
          .filter(([what]) => what === 'record')
          .map(([, eventId = '', index = '', leafHash = '']) => ({ eventId, index: BigInt(index), leafHash })),
        checkpoints: whole
          .filter(([what]) => what === 'head')
          .map(([, base64 = '']) => Buffer.from(base64, 'base64').toString()),
      };
    },
    async resting(work) {
      child.process.kill('SIGSTOP');
      await work().finally(() => child.process.kill('SIGCONT'));
    },
    async kill() {
      child.process.kill('SIGKILL');
      await child.exit;
    },
  };
}
