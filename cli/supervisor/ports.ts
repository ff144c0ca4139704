import { freePort, portTaken } from '../embedded/process.ts';
import { CliFailure } from '../failure.ts';

const services = ['permit', 'audit', 'resident', 'signer', 'witness'] as const;

/** A process of the mesh. */
export type ProcessName = (typeof services)[number] | `broker-${number}`;

/** Ports on 127.0.0.1; the processes in the order of their ports. */
export interface Ports {
  readonly processes: ReadonlyMap<ProcessName, { main: number; health: number }>;
  /** Of the audit log over HTTPS. */
  readonly tiles: number;
  readonly postgres: number;
  readonly redis: number;
}

/** The first of the ports when nothing else is said. */
export const defaultFirstPort = 9400;
/** How many brokers a mesh has when nothing else is said. */
export const defaultBrokers = 2;

/** How many ports a mesh with so many brokers takes from the first one on. */
export function portCount(brokers: number): number {
  return names(brokers).length * 2 + 3;
}

/** Ports in a row: each broker and its health, permit, audit, resident, signer, witness and theirs, the tiles of the audit log, Postgres, Redis. */
export function portsFrom(first: number, brokers: number = defaultBrokers): Ports {
  return assign(
    Array.from({ length: portCount(brokers) }, (_, i) => first + i),
    brokers,
  );
}

/** Ports that are free at this moment, for tests. */
export async function randomPorts(brokers: number = defaultBrokers): Promise<Ports> {
  const ports = new Set<number>();
  while (ports.size < portCount(brokers)) ports.add(await freePort());
  return assign([...ports], brokers);
}

function names(brokers: number): ProcessName[] {
  return [...Array.from({ length: brokers }, (_, i): ProcessName => `broker-${i + 1}`), ...services];
}

function assign(numbers: readonly number[], brokers: number): Ports {
  const processes = new Map(
    names(brokers).map((name, i) => [name, { main: numbers[2 * i] ?? 0, health: numbers[2 * i + 1] ?? 0 }]),
  );
  const [tiles = 0, postgres = 0, redis = 0] = numbers.slice(-3);
  return { processes, tiles, postgres, redis };
}

/** Throws a failure that names the first port of a process that is taken. */
export async function checkPortsFree({ processes, tiles }: Ports): Promise<void> {
  for (const [name, { main, health }] of processes) {
    for (const port of [main, health]) if (await portTaken(port)) throw portFailure(name, port);
  }
  if (await portTaken(tiles)) throw portFailure('audit', tiles);
}

/** Says which port is taken, and how to choose others. */
export function portFailure(name: string, port: number): CliFailure {
  const example = `npm start -- --port ${defaultFirstPort + 100}`;
  return new CliFailure({
    id: `Port ${port} (untuk ${name}) sudah dipakai program lain. Hentikan program itu, atau pilih port lain dengan --port, misalnya: ${example}`,
    en: `Port ${port} (for ${name}) is taken by another program. Stop that program, or choose other ports with --port, for example: ${example}`,
  });
}
