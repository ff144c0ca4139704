import { join, relative, resolve } from 'node:path';

/** The repository: sources of the processes and `data/`. */
export const repositoryDir = resolve(import.meta.dirname, '..', '..');

/** Where everything lies in the state directory. */
export interface Layout {
  readonly dir: string;
  readonly ca: string;
  readonly endpoints: string;
  readonly demo: string;
  /** Credentials of callers and of mesh processes, without ".crt" or ".key". */
  client(name: string): string;
  mesh(name: string): string;
  /** The Walikota's signing credential in use, and the next one while it is being rotated, without ".crt" or ".key". */
  readonly izin: string;
  /** The public half of the key that signs the audit log's heads. */
  readonly logKey: string;
  /** The public half of the witness's key. */
  readonly witnessKey: string;
  /** Where a process remembers what it must not forget. */
  memory(process: string): string;
  readonly nextIzin: string;
  /** The office authority's, which begins and ends signing keys, likewise. */
  readonly office: string;
  /** That of an official who may activate emergency permits, likewise. */
  official(name: string): string;
  /** What brokers and permit service pin: it stays when the signing key is rotated. */
  readonly pinned: string;
  /** Secret keys of services, 32 bytes in base64. */
  secret(name: string): string;
  /** Development key of an OPD's operators, a private JWK. */
  operatorKey(opd: string): string;
  log(process: string): string;
  readonly postgresDir: string;
  readonly redisDir: string;
  readonly controlSocket: string;
}

/** The layout of a state directory. */
export function layoutOf(stateDir: string): Layout {
  const dir = resolve(stateDir);
  return {
    dir,
    ca: join(dir, 'ca.crt'),
    endpoints: join(dir, 'endpoints.json'),
    demo: join(dir, 'demo.json'),
    client: (name) => join(dir, 'clients', name),
    mesh: (name) => join(dir, 'mesh', name),
    izin: join(dir, 'walikota', 'izin'),
    logKey: join(dir, 'log.vkey'),
    witnessKey: join(dir, 'witness.vkey'),
    memory: (process) => join(dir, 'memory', process),
    nextIzin: join(dir, 'walikota', 'izin-next'),
    office: join(dir, 'walikota', 'office'),
    official: (name) => join(dir, 'officials', name),
    pinned: join(dir, 'walikota', 'pinned.pem'),
    secret: (name) => join(dir, 'secrets', name),
    operatorKey: (opd) => join(dir, 'operators', `${opd}.jwk`),
    log: (process) => join(dir, 'logs', `${process}.log`),
    postgresDir: join(dir, 'postgres'),
    redisDir: join(dir, 'redis'),
    controlSocket: shortest(join(dir, 'control.sock')),
  };
}

/** A socket's name may have 107 bytes at most, so a deep directory is named from where we stand. */
function shortest(path: string): string {
  const near = relative(process.cwd(), path);
  return near.length < path.length ? near : path;
}
