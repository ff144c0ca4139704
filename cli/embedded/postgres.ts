import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { keptMemory } from './kept-memory.ts';
import { passwordIn } from './password.ts';
import { findPostgres } from './postgres-files.ts';
import { commandOf, freePort, portTaken, stopByPid } from './process.ts';

/** A running PostgreSQL server of our own. */
export interface EmbeddedPostgres {
  pid: number;
  port: number;
  /** The URL of one of its databases, with its password. */
  url(database: string): string;
  /** Makes a database unless it exists. */
  createDatabase(name: string): Promise<void>;
  /** Ends open connections and stops the server; what was committed stays on disk. */
  stop(): Promise<void>;
}

const user = 'rangkiang';
const startTimeoutMs = 60_000; // recovery after a crash of the full city is the slow case
const pollMs = 20;

/**
 * Starts PostgreSQL on 127.0.0.1 with its files under `dataDir` (`cluster/`, `password`, `postgres.log`), creating them at
 * the first start. A server left over there by a killed run is stopped first. Without a port, a free one is chosen. `settings`
 * win over ours.
 */
export async function startPostgres(options: {
  dataDir: string;
  port?: number;
  sharedBuffersMb?: number;
  settings?: Readonly<Record<string, string>>;
}): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const cluster = join(dataDir, 'cluster');
  const programs = findPostgres();
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const password = passwordIn(dataDir);
  await stopLeftOver(cluster);
  if (options.port !== undefined && (await portTaken(options.port))) {
    throw new Error(`PostgreSQL's port ${options.port} is taken; choose another`);
  }
  if (!existsSync(cluster)) await initialise(programs.initdb, dataDir, cluster);

  const port = options.port ?? (await freePort());
  const log = openSync(join(dataDir, 'postgres.log'), 'a', 0o600);
  const flags = serverFlags(cluster, port, options.sharedBuffersMb ?? 512, options.settings);
  const server = spawnAs(accountFor(cluster), programs.postgres, flags, log);
  closeSync(log);
  await untilReady(server, cluster, dataDir);

  const pid = server.pid as number;
  const url = (database: string) => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  return {
    pid,
    port,
    url,
    createDatabase: (name) => createDatabase(url('postgres'), name),
    stop: () => stopServer(pid),
  };
}

function serverFlags(
  cluster: string,
  port: number,
  sharedBuffersMb: number,
  others: Readonly<Record<string, string>> = {},
): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: `${sharedBuffersMb}MB`,
    fsync: 'on',
    synchronous_commit: 'on',
    max_wal_size: '2GB', // an import of the full city would otherwise run one checkpoint after another
    log_min_messages: 'log', // leaves out ERROR, whose texts and statements quote residents' rows; clients get them anyway
    ...others,
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Makes the cluster beside its place and moves it there when it is whole: a killed initdb leaves a half one. */
async function initialise(initdb: string, dataDir: string, cluster: string): Promise<void> {
  const unfinished = `${cluster}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const flags = [
    `--pgdata=${unfinished}`,
    `--username=${user}`,
    `--pwfile=${join(dataDir, 'password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Built into PostgreSQL: sorts alike on every machine, whatever locales it has.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
  ];
  const log = openSync(join(dataDir, 'postgres.log'), 'a', 0o600);
  const child = spawnAs(accountFor(unfinished), initdb, flags, log);
  closeSync(log);
  const code = await new Promise((done, fail) => child.once('error', fail).once('exit', done));
  if (code !== 0) throw new Error(`initdb failed, see ${join(dataDir, 'postgres.log')}`);
  renameSync(unfinished, cluster);
}

/** The account that the server runs under; undefined means our own. */
type Account = { uid: number; gid: number } | undefined;

const nobody = { uid: 65_534, gid: 65_534 };

/** PostgreSQL refuses to run as root, so root hands the folder of a new cluster to the account `nobody`. */
function accountFor(folder: string): Account {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(folder);
  if (uid !== 0) return { uid, gid };
  chownSync(folder, nobody.uid, nobody.gid);
  return nobody;
}

// The one capability kept is to pass folders that only root may enter, since the project may lie in one; without the
// securebit, access(2), by which initdb looks for postgres, would ignore it.
const asAccount = ({ uid, gid }: { uid: number; gid: number }) => [
  `--reuid=${uid}`,
  `--regid=${gid}`,
  '--clear-groups',
  '--inh-caps=+dac_override',
  '--ambient-caps=+dac_override',
  '--securebits=+no_setuid_fixup',
  '--',
];

/** Starts a program in a process group of its own, so that Ctrl-C in a terminal reaches it only through us, in order. */
function spawnAs(account: Account, program: string, flags: string[], log: number): ChildProcess {
  const env = { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C', ...keptMemory };
  const options: SpawnOptions = { stdio: ['ignore', log, log], detached: true, env };
  if (account === undefined) return spawn(program, flags, options);
  return spawn('setpriv', [...asAccount(account), program, ...flags], options);
}

/** Waits for the word `ready` that the server writes into its pid file. */
async function untilReady(server: ChildProcess, cluster: string, dataDir: string): Promise<void> {
  let failure: string | undefined;
  server.once('error', (error) => {
    failure = error.message;
  });
  server.once('exit', () => {
    failure ??= 'it ended';
  });
  const untilMs = Date.now() + startTimeoutMs;
  while (failure === undefined && Date.now() < untilMs) {
    const lines = pidFile(cluster);
    if (Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready') return;
    await delay(pollMs);
  }
  server.kill('SIGQUIT');
  const reason = failure ?? `not ready after ${startTimeoutMs} ms`;
  throw new Error(`PostgreSQL does not start (${reason}), see ${join(dataDir, 'postgres.log')}`);
}

function pidFile(cluster: string): string[] {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** A run that was killed leaves its server running, or a pid file whose number another process may have by now. */
async function stopLeftOver(cluster: string): Promise<void> {
  const pid = Number(pidFile(cluster)[0]);
  if (!pid) return;
  if (commandOf(pid)?.includes(cluster)) await stopServer(pid);
  else rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

/** SIGINT is PostgreSQL's fast shutdown; SIGQUIT leaves the rest to recovery at the next start. */
function stopServer(pid: number): Promise<void> {
  return stopByPid(pid, ['SIGINT', 'SIGQUIT', 'SIGKILL'], 15_000);
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
