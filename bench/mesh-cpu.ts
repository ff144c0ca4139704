import pg from 'pg';
import { createClient } from 'redis';
import type { RunningMesh } from '../cli/supervisor/mesh.ts';
import { familyCpuMs, parentOf, processCpuMs } from './cpu.ts';

/** CPU time in milliseconds that each process of a mesh has used so far, by name; Postgres with all its backends. */
export type CpuReading = Readonly<Record<string, number>>;

/** Finds out which processes a mesh consists of; the answer reads their CPU time. All must run on this machine. */
export async function meshCpu(mesh: RunningMesh): Promise<() => CpuReading> {
  const { processes, postgres, redis } = mesh.endpoints();
  const [postmaster, redisPid] = await Promise.all([postmasterPid(postgres), redisServerPid(redis)]);
  return () => ({
    ...Object.fromEntries(Object.entries(processes).map(([name, { pid }]) => [name, processCpuMs(pid)])),
    postgres: familyCpuMs(postmaster),
    redis: processCpuMs(redisPid),
  });
}

/** What was used between two readings, by name. */
export function used(before: CpuReading, after: CpuReading): CpuReading {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
}

/** Adds up readings of the same processes. */
export function total(readings: readonly CpuReading[]): CpuReading {
  const sums: Record<string, number> = {};
  for (const [name, ms] of readings.flatMap(Object.entries<number>)) sums[name] = (sums[name] ?? 0) + ms;
  return sums;
}

async function postmasterPid(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return parentOf(rows[0]?.pid ?? 0);
  } finally {
    await client.end();
  }
}

async function redisServerPid(url: string): Promise<number> {
  const client = createClient({ url });
  await client.connect();
  try {
    return Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
  } finally {
    client.destroy();
  }
}
