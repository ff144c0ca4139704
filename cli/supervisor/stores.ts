import pg from 'pg';
import { startPostgres } from '../embedded/postgres.ts';
import { portTaken } from '../embedded/process.ts';
import { startRedis } from '../embedded/redis.ts';
import { CliFailure } from '../failure.ts';
import type { Layout } from '../state/layout.ts';
import { keepServer } from './keep-server.ts';
import { type Ports, portFailure } from './ports.ts';
import { type DatabaseUrl, databases } from './process-table.ts';

/** Postgres and Redis of a mesh. */
export interface Stores {
  readonly postgres: DatabaseUrl;
  /** URL of the Postgres server as endpoints.json tells it. */
  readonly postgresUrl: string;
  readonly redisUrl: string;
}

/** How to start them. */
export interface StoreOptions {
  readonly layout: Layout;
  readonly ports: Ports;
  /** Its POSTGRES_URL and REDIS_URL name servers to use instead. */
  readonly env: NodeJS.ProcessEnv;
  readonly fresh: boolean;
  say(line: string): void;
  /** Told when a server that we started has ended and is started again; its log lies in `dir`. */
  onDeath(server: string, dir: string): void;
}

/** Environment variables that name servers of one's own. */
const storeVariables = { postgres: 'POSTGRES_URL', redis: 'REDIS_URL' } as const;

/**
 * Starts Postgres and Redis, or takes the ones that POSTGRES_URL and REDIS_URL name, and makes the databases. What was
 * started is stopped when `cleanup` is disposed. `fresh` empties the databases; not on a server that is not ours.
 */
export async function startStores(options: StoreOptions, cleanup: AsyncDisposableStack): Promise<Stores> {
  const starts = [takePostgres(options, cleanup), takeRedis(options, cleanup)] as const;
  // Both come to an end before a failure of one is told, so that `cleanup` knows of everything that runs.
  await Promise.allSettled(starts);
  const [postgres, redisUrl] = await Promise.all(starts);
  return { postgres, postgresUrl: postgres('postgres'), redisUrl };
}

async function takePostgres(options: StoreOptions, cleanup: AsyncDisposableStack) {
  const { env, fresh } = options;
  const external = env[storeVariables.postgres];
  if (external && fresh) {
    throw new CliFailure({
      id: `--fresh tidak mengosongkan server PostgreSQL Anda sendiri. Hapus sendiri basis data ${databases.join(', ')}, lalu jalankan tanpa --fresh.`,
      en: `--fresh does not empty a PostgreSQL server of your own. Drop the databases ${databases.join(', ')} yourself, then start without --fresh.`,
    });
  }
  const url = external ? urlsOn(external) : await startOwn(options, cleanup);
  await prepareDatabases(url('postgres'), fresh);
  return url;
}

async function startOwn({ layout, ports, onDeath }: StoreOptions, cleanup: AsyncDisposableStack) {
  const start = () => startPostgres({ dataDir: layout.postgresDir, port: ports.postgres });
  const kept = keepServer(start, () => onDeath('PostgreSQL', layout.postgresDir), cleanup);
  const { url } = await kept.catch((error: Error) => explain('PostgreSQL', ports.postgres, error));
  return url;
}

async function takeRedis(options: StoreOptions, cleanup: AsyncDisposableStack): Promise<string> {
  const { layout, ports, env, say, onDeath } = options;
  const external = env[storeVariables.redis];
  if (external) return external;
  const start = () => startRedis({ dir: layout.redisDir, port: ports.redis, say });
  const kept = keepServer(start, () => onDeath('Redis', layout.redisDir), cleanup);
  const { url } = await kept.catch((error: Error) => explain('Redis', ports.redis, error));
  return url;
}

/** Why a server of ours did not start. A server that a killed start left on the port was stopped before. */
async function explain(name: string, port: number, cause: Error): Promise<never> {
  if (await portTaken(port)) throw portFailure(name, port);
  throw new CliFailure({ id: cause.message, en: cause.message }, 1, { cause });
}

/** URLs of databases on the server that `serverUrl` names. */
function urlsOn(serverUrl: string): (database: string) => string {
  return (database) => {
    const url = new URL(serverUrl);
    url.pathname = `/${database}`;
    return url.href;
  };
}

async function prepareDatabases(url: string, fresh: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect().catch((cause: Error & { code?: string }) => {
    // Not the URL: it holds a password.
    const why = cause.code ?? cause.message;
    throw new CliFailure(
      {
        id: `Server PostgreSQL tidak dapat dihubungi (${why}). Periksa POSTGRES_URL.`,
        en: `The PostgreSQL server cannot be reached (${why}). Check POSTGRES_URL.`,
      },
      1,
      { cause },
    );
  });
  try {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const existing = new Set(rows.map(({ datname }) => datname));
    for (const database of databases) {
      const name = client.escapeIdentifier(database);
      if (fresh && existing.delete(database)) await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      if (!existing.has(database)) await client.query(`CREATE DATABASE ${name}`);
    }
  } finally {
    await client.end();
  }
}
