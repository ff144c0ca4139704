import { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { MeshError } from './errors.ts';
import { eventIdOf } from './leaf.ts';
import type { Logger } from './log.ts';
import type { Appender } from './record.ts';
import { inTransaction, type Pool, type PoolClient } from './sql.ts';

/**
 * The table that a service's migration creates. The entry is emptied once it is recorded: the subjects in it then
 * lie only in the audit service, sealed.
 */
export const outboxSql = `create table outbox (
  event_id bytea primary key check (octet_length(event_id) = 16),
  entry bytea,
  created_at timestamptz not null default clock_timestamp(),
  recorded_index bigint,
  check ((entry is null) = (recorded_index is not null))
);
create index outbox_pending on outbox (created_at) where recorded_index is null;
`;

/** Runs once for each recorded entry, in the transaction that marks it recorded: both happen or neither. */
export type OnRecorded = (client: PoolClient, eventId: Buffer, index: bigint) => Promise<void>;

interface Waiter {
  resolve(index: bigint): void;
  reject(error: MeshError): void;
}

type Row =
  | { event_id: Buffer; entry: Buffer; recorded_index: null }
  | { event_id: Buffer; entry: null; recorded_index: bigint };

// One pass reads at most 64 entries: with 500 subjects each (one import chunk) that is about 1.2 MB.
const BATCH = 64;
// Retries what failed and picks up what another replica, or this one before a crash, left behind. An empty pass is
// one look into an empty partial index.
const SWEEP_MS = 1_000;

/**
 * Carries records from the outbox to the audit service: a change and its record are committed in one local
 * transaction, the relay appends the record afterwards, however often the process dies in between. Several replicas
 * may relay the same table: appending is idempotent and only one of them marks an entry.
 */
export class OutboxRelay {
  readonly #pool: Pool;
  readonly #appender: Appender;
  readonly #log: Logger;
  readonly #onRecorded: OnRecorded | undefined;
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #sweep: NodeJS.Timeout;
  #wanted = false;
  #draining = false;
  #drained: Promise<void> = Promise.resolve();
  #closed = false;

  /** Starts at once with what an earlier process left. */
  constructor(pool: Pool, appender: Appender, log: Logger, onRecorded?: OnRecorded) {
    this.#pool = pool;
    this.#appender = appender;
    this.#log = log;
    this.#onRecorded = onRecorded;
    this.#sweep = setInterval(() => this.wake(), SWEEP_MS);
    this.wake();
  }

  /** Stores an entry in the caller's transaction. Call `wake` or `wait` after the commit. */
  async enqueue(client: PoolClient, entry: Entry): Promise<void> {
    const row = [eventIdOf(entry.leaf), Entry.encode(entry).finish()];
    await client.query('insert into outbox (event_id, entry) values ($1, $2)', row);
  }

  /** Asks for a pass over the outbox, now or right after the one that runs. */
  wake(): void {
    if (this.#closed) return;
    this.#wanted = true;
    if (!this.#draining) this.#drained = this.#drain();
  }

  /**
   * Resolves with the record's index when it is committed and marked, also when that was long ago. Rejects with
   * AUDIT_UNAVAILABLE when an attempt fails or `timeoutMs` pass; the entry stays and is appended later all the same.
   */
  wait(eventId: Buffer, timeoutMs: number): Promise<bigint> {
    const key = eventId.toString('hex');
    const { promise, resolve, reject } = Promise.withResolvers<bigint>();
    const waiter = { resolve, reject };
    const waiters = this.#waiters.get(key) ?? new Set();
    this.#waiters.set(key, waiters.add(waiter));
    const timer = setTimeout(() => reject(new MeshError('AUDIT_UNAVAILABLE')), timeoutMs);
    if (this.#closed) reject(new MeshError('AUDIT_UNAVAILABLE'));
    this.wake();
    return promise.finally(() => {
      clearTimeout(timer);
      waiters.delete(waiter);
      if (waiters.size === 0 && this.#waiters.get(key) === waiters) this.#waiters.delete(key);
    });
  }

  /** Ends after the pass that runs. Nothing is lost: the next process continues. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wanted = false;
    clearInterval(this.#sweep);
    await this.#drained;
    for (const key of this.#waiters.keys())
      this.#settle(key, (waiter) => waiter.reject(new MeshError('AUDIT_UNAVAILABLE')));
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#wanted) {
      this.#wanted = false;
      try {
        if (await this.#pass()) this.wake();
      } catch (error) {
        this.#log.warn({ err: error }, 'outbox cannot be read');
      }
    }
    this.#draining = false;
  }

  /** Appends what is pending, oldest first. Returns whether there may be more to do at once. */
  async #pass(): Promise<boolean> {
    const asked = [...this.#waiters.keys()].map((key) => Buffer.from(key, 'hex'));
    const { rows } = await this.#pool.query<Row>(
      `select event_id, entry, recorded_index from outbox
       where recorded_index is null or event_id = any($1) order by created_at limit ${BATCH}`,
      [asked],
    );
    const outcomes = await Promise.all(rows.map((row) => this.#record(row)));
    return rows.length === BATCH && outcomes.every((recorded) => recorded);
  }

  async #record(row: Row): Promise<boolean> {
    const key = row.event_id.toString('hex');
    try {
      const index = row.entry ? await this.#append(row.event_id, row.entry) : row.recorded_index;
      this.#settle(key, (waiter) => waiter.resolve(index));
      return true;
    } catch (error) {
      // That the audit service is away is told once, by the append client.
      if (!isAway(error)) this.#log.error({ err: error, event: key }, 'record not appended; tried again');
      this.#settle(key, (waiter) => waiter.reject(new MeshError('AUDIT_UNAVAILABLE', { cause: error })));
      return false;
    }
  }

  async #append(eventId: Buffer, entry: Buffer): Promise<bigint> {
    const { index } = await this.#appender.append(Entry.decode(entry));
    await inTransaction(this.#pool, async (client) => {
      const marked = await client.query(
        'update outbox set recorded_index = $2, entry = null where event_id = $1 and recorded_index is null',
        [eventId, index],
      );
      if (marked.rowCount === 1) await this.#onRecorded?.(client, eventId, index);
    });
    return index;
  }

  #settle(key: string, how: (waiter: Waiter) => void): void {
    const waiters = this.#waiters.get(key);
    this.#waiters.delete(key);
    for (const waiter of waiters ?? []) how(waiter);
  }
}

function isAway(error: unknown): boolean {
  return error instanceof MeshError && error.reason === 'AUDIT_UNAVAILABLE';
}
