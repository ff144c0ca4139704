import { readFile } from 'node:fs/promises';
import { secretMode, writeFileAtomic } from '../ca/files.ts';
import { CliFailure } from '../failure.ts';
import type { Layout } from './layout.ts';

/** Where a running mesh is reached: `endpoints.json` in the state directory. */
export interface Endpoints {
  /** host:port of the first broker. */
  broker: string;
  brokers: { address: string; pid: number }[];
  /** Processes by name, e.g. "audit"; addresses are host:port. A stopped process has pid 0. */
  processes: Record<string, { pid: number; address: string; health: string }>;
  /** URL of the audit log's tiles; see C2SP tlog-tiles. */
  tiles: string;
  /** URLs. */
  postgres: string;
  redis: string;
}

/** Writes `endpoints.json`. It holds passwords of the development databases, so only the owner reads it. */
export async function writeEndpoints(layout: Layout, endpoints: Endpoints): Promise<void> {
  await writeFileAtomic(layout.endpoints, `${JSON.stringify(endpoints, null, 2)}\n`, secretMode);
}

/** Reads `endpoints.json`. Throws a failure that says how to start a mesh when there is none. */
export async function readEndpoints(layout: Layout): Promise<Endpoints> {
  try {
    return JSON.parse(await readFile(layout.endpoints, 'utf8')) as Endpoints;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CliFailure({
      id: `Tidak ada mesh di ${layout.dir}. Jalankan "npm start" di direktori ini, atau sebut direktori lain dengan --state.`,
      en: `There is no mesh in ${layout.dir}. Run "npm start" in this directory, or name another one with --state.`,
    });
  }
}
