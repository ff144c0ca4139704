import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ProofServiceService } from '#gen/rangkiang/audit/v1/proof_service.ts';
import { openPool, type Pool } from '#mesh/sql.ts';
import { openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { startPostgres } from '../../cli/embedded/postgres.ts';
import { portTaken } from '../../cli/embedded/process.ts';
import { type AppendingClient, startAppendingClient } from './appending-client.ts';
import { type AuditService, startAuditService } from './audit-service.ts';
import { type GateProxy, startGateProxy } from './gate-proxy.ts';
import { assertOneHistory } from './one-history.ts';

/** Whom kill -9 hits. */
export type Victim = 'audit' | 'signer' | 'backend' | 'postmaster';

/** Tables at whose change a transaction can be held, after the change and before its commit. */
const heldTables = ['entry', 'published'] as const;
const WRITERS = 8;
const POLL_MS = 10;

/** The evidence log with a Postgres of its own, gates on every way, and a client that believes its disk alone. */
export interface CrashStage {
  readonly audit: AuditService;
  readonly client: AppendingClient;
  /** Between client and audit service, audit service and Postgres, audit service and signer. */
  readonly gates: { readonly client: GateProxy; readonly database: GateProxy; readonly signer: GateProxy };
  /** Asks Postgres, again while it is coming back. */
  ask<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Resolves once a transaction that changed the table waits, uncommitted; the answer lets it go on if it still lives. */
  holdTransaction(table: (typeof heldTables)[number]): Promise<() => Promise<void>>;
  /** How many transactions that append are under way in Postgres. */
  commitsUnderWay(): Promise<number>;
  /** Size of the head that the signer has on disk. */
  signedSize(): Promise<bigint>;
  /** Resolves when a head is signed of which no audit service hears, until `gates.signer` is opened. */
  signedUnheard(): Promise<void>;
  /** Kills; resolves when it is gone, with what starts it again. */
  kill(victim: Victim): Promise<() => Promise<void>>;
  /** Asserts that the log holds all that the client and the signer have on disk. */
  assertKept(): Promise<{ rows: number; heads: number }>;
  stop(): Promise<void>;
}

/** The port in host:port. */
export const portOf = (address: string) => Number(address.split(':').at(-1));

/** Starts it. */
export async function startCrashStage(): Promise<CrashStage> {
  await using cleanup = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'rangkiang-crash-'));
  cleanup.defer(() => rm(dataDir, { recursive: true, force: true }));
  let postgres = await startPostgres({ dataDir, sharedBuffersMb: 64 });
  cleanup.defer(() => postgres.stop());
  await postgres.createDatabase('audit');
  const gates = {
    client: await startGateProxy(),
    database: await startGateProxy(postgres.port),
    signer: await startGateProxy(),
  };
  for (const gate of Object.values(gates)) cleanup.defer(() => gate.close());

  const audit = await startAuditService(
    async () => postgres.url('audit').replace(`:${postgres.port}/`, `:${gates.database.port}/`),
    {},
    async (address) => {
      gates.signer.route(portOf(address));
      return `127.0.0.1:${gates.signer.port}`;
    },
  );
  cleanup.defer(() => audit.stop());
  gates.client.route(portOf(audit.first.address));
  const pool = openPool(postgres.url('audit'), { max: 3 });
  cleanup.defer(() => pool.end());
  await addHolds(pool);
  const client = startAppendingClient({
    address: `127.0.0.1:${gates.client.port}`,
    tls: await audit.credentials('spiffe://padang.go.id/mesh/broker'),
    file: join(dataDir, 'kept'),
    writers: WRITERS,
  });
  cleanup.defer(() => client.kill());

  async function ask<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    for (;;) {
      try {
        return (await pool.query<Row & Record<string, unknown>>(sql, values)).rows;
      } catch (error) {
        // Class 57 is a server that stops or comes back; without a code the connection broke.
        const { code } = error as { code?: string };
        if (code !== undefined && !/^(57|08)|^ECONN/.test(code)) throw error;
        await delay(POLL_MS);
      }
    }
  }

  const sizeOf = (note: string) => (note === '' ? 0n : openCheckpoint(note, verifierOf(audit.logKey)).size);
  const signedNote = () => readFile(join(audit.signer.stateDir, 'checkpoint'), 'utf8').catch(() => '');
  const signedSize = async () => sizeOf(await signedNote());
  const broker = await audit.broker();
  const heardSize = async () => {
    const request = { knownSize: 0n, size: 0n };
    return sizeOf((await broker.unary(ProofServiceService.followHead, request, { timeoutMs: 5_000 })).checkpoint);
  };

  const kills: Record<Victim, () => Promise<() => Promise<void>>> = {
    async audit() {
      await audit.first.kill();
      return () => audit.first.start();
    },
    async signer() {
      await audit.signer.kill();
      return () => audit.signer.start();
    },
    async backend() {
      const sql = `select pid from pg_stat_activity
        where query like '%append_sealed%' and datname = current_database() and pid <> pg_backend_pid()`;
      for (;;) {
        const [row] = await ask<{ pid: number }>(sql);
        if (row) process.kill(row.pid, 'SIGKILL');
        if (row) return async () => {};
        await delay(POLL_MS);
      }
    },
    async postmaster() {
      process.kill(postgres.pid, 'SIGKILL');
      // Its backends hold the port until they notice.
      while (await portTaken(postgres.port)) await delay(POLL_MS);
      return async () => {
        postgres = await startPostgres({ dataDir, port: postgres.port, sharedBuffersMb: 64 });
      };
    },
  };

  const running = cleanup.move();
  return {
    audit,
    client,
    gates,
    ask,
    async holdTransaction(table) {
      const key = heldTables.indexOf(table);
      const holder = await pool.connect();
      await holder.query('select pg_advisory_lock($1)', [key]);
      const waits = `select from pg_locks where locktype = 'advisory' and objid = ${key} and not granted`;
      while ((await ask(waits)).length === 0) await delay(POLL_MS);
      return async () => {
        // With Postgres its lock is gone, too.
        await holder.query('select pg_advisory_unlock($1)', [key]).catch(() => {});
        holder.release(true);
      };
    },
    async commitsUnderWay() {
      const sql = `select from pg_stat_activity
        where query like '%append_sealed%' and state = 'active' and pid <> pg_backend_pid()`;
      return (await ask(sql)).length;
    },
    signedSize,
    async signedUnheard() {
      // A connection that is only being made would be held before anything was asked of the signer.
      const before = await signedSize();
      while ((await signedSize()) === before) await delay(POLL_MS);
      await gates.signer.hold('answer');
      // What is held may be a part of the answer before. From now on nobody hears of what the signer writes down.
      while ((await signedSize()) <= (await heardSize())) await delay(POLL_MS);
    },
    kill: (victim) => kills[victim](),
    async assertKept() {
      // First what was told, then the log: it grows meanwhile.
      const { records, checkpoints } = await client.kept();
      const published = await ask<{ checkpoint: string }>('select checkpoint from signed_head');
      const heads = [...checkpoints, ...published.map(({ checkpoint }) => checkpoint), await signedNote()];
      const told = { records, checkpoints: heads };
      return assertOneHistory(pool, told, audit.logKey);
    },
    stop: () => running.disposeAsync(),
  };
}

/** Makes every transaction wait, after it has changed a table, while somebody holds the table's lock. */
async function addHolds(pool: Pool): Promise<void> {
  await pool.query(`create function hold_here() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(tg_argv[0]::bigint);
      return null;
    end $$`);
  for (const [key, table] of heldTables.entries()) {
    await pool.query(`create trigger hold_here after insert or update on ${table}
      for each statement execute function hold_here('${key}')`);
  }
}
