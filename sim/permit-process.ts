import type {
  RenewRequest,
  RenewResponse,
  ReserveQuotaRequest,
  ReserveQuotaResponse,
  ReturnQuotaRequest,
} from '#gen/rangkiang/permit/v1/policy.ts';
import type { Random } from '../cli/population/random.ts';
import { renew } from '../services/permit/handlers/renew.ts';
import { reserveQuota } from '../services/permit/handlers/reserve-quota.ts';
import { returnQuota } from '../services/permit/handlers/return-quota.ts';
import type { PolicyStore } from '../services/permit/store/policy-store.ts';
import type { Machine } from './machine.ts';
import type { MemoryStore } from './memory-store.ts';
import type { Parts } from './parts.ts';

/** The server that the permit services share; it may be away, and come back with another content. */
export interface Database {
  store: MemoryStore;
  away: boolean;
}

/** One replica of the permit service: the handlers of production over the database. */
export class PermitProcess {
  readonly machine: Machine;
  readonly #database: Database;
  readonly #parts: Parts;
  readonly #random: Random;
  /** The store as `Parts` let this process see it. */
  #seen: { readonly store: MemoryStore; readonly seen: PolicyStore } | undefined;
  readonly renew: (request: RenewRequest) => Promise<RenewResponse>;
  readonly reserve: (request: ReserveQuotaRequest) => Promise<ReserveQuotaResponse>;
  readonly giveBack: (request: ReturnQuotaRequest) => Promise<unknown>;

  constructor(machine: Machine, database: Database, parts: Parts, random: Random) {
    this.machine = machine;
    this.#database = database;
    this.#parts = parts;
    this.#random = random;
    const store: PolicyStore = {
      renewLease: (installed) => this.#use((now) => now.renewLease(installed)),
      changesAfter: (installed) => this.#use((now) => now.changesAfter(installed)),
      countBrokers: (version) => this.#use((now) => now.countBrokers(version)),
      reserveQuota: (wish) => this.#use((now) => now.reserveQuota(wish)),
      returnQuota: (id, rows) => this.#use((now) => now.returnQuota(id, rows)),
      confirmRestored: () => this.#use((now) => now.confirmRestored()),
    };
    this.renew = renew(store);
    this.reserve = reserveQuota(store, () => machine.clock().wallMs);
    this.giveBack = returnQuota(store);
  }

  /**
   * Revokes a permit as the handler does: the change in one transaction, then the wait of production outside it; `committed`
   * rings the bell. Rejects when there is no such permit, or Postgres is away.
   */
  async revoke(permitId: string, change: Buffer, committed: () => void): Promise<void> {
    const version = await this.#use(async () => this.#database.store.revoke(permitId, change));
    if (version === undefined) throw new Error('no such permit');
    committed();
    const clock = { nowMs: () => this.machine.clock().monoMs, sleep: (ms: number) => this.#sleep(ms) };
    await this.#parts.awaitBrokers(() => this.#use((now) => now.countBrokers(version)), clock);
  }

  async #use<T>(ask: (store: PolicyStore) => Promise<T>): Promise<T> {
    const { store, away } = this.#database;
    if (away) throw new Error('Postgres is away');
    if (this.#seen?.store !== store) {
      const seen = this.#parts.store(store, (mostMs) => this.#sleep(this.#random.next() * mostMs));
      this.#seen = { store, seen };
    }
    return ask(this.#seen.seen);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.machine.timer(ms, resolve));
  }
}
