import { freePort, portTaken } from '../embedded/process.ts';
import { CliFailure } from '../failure.ts';

/** Everything that listens, in the order of its ports: name and whether it has a health port after its own. */
const listeners = ['broker-1', 'broker-2', 'permit', 'audit', 'resident'] as const;

/** A process of the mesh. */
export type ProcessName = (typeof listeners)[number];

/** Ports on 127.0.0.1. */
export interface Ports {
  readonly processes: Readonly<Record<ProcessName, { main: number; health: number }>>;
  readonly postgres: number;
  readonly redis: number;
}

/** The first of the ports when nothing else is said. */
export const defaultFirstPort = 9400;
/** How many ports a mesh takes from the first one on. */
export const portCount = listeners.length * 2 + 2;

/** Ports in a row: broker-1 and its health, broker-2 and its health, permit, audit, resident, Postgres, Redis. */
export function portsFrom(first: number): Ports {
  return assign(Array.from({ length: portCount }, (_, i) => first + i));
}

/** Ports that are free at this moment, for tests. */
export async function randomPorts(): Promise<Ports> {
  const ports = new Set<number>();
  while (ports.size < portCount) ports.add(await freePort());
  return assign([...ports]);
}

function assign(numbers: readonly number[]): Ports {
  const processes = Object.fromEntries(
    listeners.map((name, i) => [name, { main: numbers[2 * i], health: numbers[2 * i + 1] }]),
  ) as unknown as Ports['processes'];
  const [postgres = 0, redis = 0] = numbers.slice(-2);
  return { processes, postgres, redis };
}

/** Throws a failure that names the first port of a process that is taken. */
export async function checkPortsFree({ processes }: Ports): Promise<void> {
  for (const [name, { main, health }] of Object.entries(processes)) {
    for (const port of [main, health]) if (await portTaken(port)) throw portFailure(name, port);
  }
}

/** Says which port is taken, and how to choose others. */
export function portFailure(name: string, port: number): CliFailure {
  const example = `npm start -- --port ${defaultFirstPort + 100}`;
  return new CliFailure({
    id: `Port ${port} (untuk ${name}) sudah dipakai program lain. Hentikan program itu, atau pilih ${portCount} port lain dengan --port, misalnya: ${example}`,
    en: `Port ${port} (for ${name}) is taken by another program. Stop that program, or choose ${portCount} other ports with --port, for example: ${example}`,
  });
}
