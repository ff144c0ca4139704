import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';

export type { Pool, PoolClient } from 'pg';

const int8 = 20;
const date = 1082;

/**
 * bigint columns and count(*) arrive as BigInt, as ts-proto has them; dates stay 'YYYY-MM-DD', because a Date would move
 * them by the time zone of the machine. Everything else is as pg has it.
 */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') => {
    if (oid === int8) return BigInt;
    if (oid === date) return (value: string) => value;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as pg.CustomTypesConfig['getTypeParser'],
};

const connectTimeoutMs = 5_000;

/** A pool of at most `max` connections. A connection that breaks is dropped, and the next query opens another. */
export function openPool(url: string, options: { max: number }): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    connectionTimeoutMillis: connectTimeoutMs,
    types,
  });
  // Without listeners Node would end the process. An idle connection has left the pool already; on one in use the query
  // under way or the next is rejected.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** A prepared statement; the name must be unique to its text on a connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * One connection on which queries are sent without waiting for earlier answers, each prepared once. For short reads by key
 * of a hot path; a transaction needs a pool. Connects at the first query, and anew at the next query after a break;
 * queries in flight at a break are rejected, never sent twice.
 */
export class Pipeline {
  readonly #url: string;
  #client: pg.Client | undefined;
  #ready: Promise<pg.Client> | undefined;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** The rows of one statement; rejects with the database's or the connection's error. */
  async query<Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const client = this.#client ?? (await this.#connect());
    try {
      const { name, text } = statement;
      return (await client.query<Row>({ name, text, values: values as unknown[] })).rows;
    } catch (error) {
      // The server says good-bye in an answer, a little before the socket closes.
      if (error instanceof pg.DatabaseError && error.severity === 'FATAL') this.#forget(client);
      throw error;
    }
  }

  /** Waits for the queries that were sent, then closes; later queries are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#ready?.catch(() => undefined);
    await client?.end();
  }

  #connect(): Promise<pg.Client> {
    if (this.#closed) return Promise.reject(new Error('the pipeline is closed'));
    this.#ready ??= this.#open();
    return this.#ready;
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      pipeline: true,
      connectionTimeoutMillis: connectTimeoutMs,
      types,
    });
    client.on('error', () => this.#forget(client));
    client.on('end', () => this.#forget(client));
    try {
      await client.connect();
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
    this.#client = client;
    return client;
  }

  /** A late event of an older connection must not drop the newer one. */
  #forget(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#ready = undefined;
  }
}

/** Opens a Pipeline; see there. */
export function openPipeline(url: string): Pipeline {
  return new Pipeline(url);
}

/** Runs `fn` between BEGIN and COMMIT on one connection of the pool; rolls back and rethrows when it throws. */
export async function inTransaction<T>(pool: pg.Pool, fn: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await fn(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {}); // fails on a broken connection only, which the pool drops at its release
    throw error;
  } finally {
    client.release();
  }
}

/** Any number: it only has to be the same in every process that migrates the same database. */
const migrationLock = 7_276_745;

/**
 * Applies the `*.sql` files of a directory that the database has not seen, in order of name, each in one transaction with
 * its line in table `migrations`. Processes that start together wait for each other. Throws when an applied file has
 * changed since; names that the directory does not know are left alone, since a newer process may run beside this one.
 */
export async function migrate(pool: pg.Pool, directory: URL): Promise<void> {
  const files = readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, sha256 bytea NOT NULL, applied_at timestamptz NOT NULL)',
    );
    const { rows } = await client.query<{ name: string; sha256: Buffer }>('SELECT name, sha256 FROM migrations');
    const applied = new Map(rows.map((row) => [row.name, row.sha256]));
    for (const name of files)
      await applyOnce(client, name, readFileSync(new URL(name, asDirectory(directory)), 'utf8'), applied.get(name));
  } finally {
    client.release(true); // closing the connection also lets go of the lock, whatever happened above
  }
}

async function applyOnce(client: pg.PoolClient, name: string, sql: string, applied: Buffer | undefined): Promise<void> {
  const sha256 = createHash('sha256').update(sql).digest();
  if (applied?.equals(sha256)) return;
  if (applied) throw new Error(`migration ${name} has changed after it was applied; add a new file instead`);
  await client.query('BEGIN');
  await client.query(sql);
  await client.query('INSERT INTO migrations VALUES ($1, $2, now())', [name, sha256]);
  await client.query('COMMIT');
}

function asDirectory(directory: URL): URL {
  return directory.href.endsWith('/') ? directory : new URL(`${directory.href}/`);
}
