import type { Pool } from '#mesh/sql.ts';
import type { Standing } from '../domain/confirmation.ts';
import { type Authority, changesAfter, countBrokers, type Installed, renewLease } from './leases.ts';
import { type Reserved, reserveQuota, returnQuota, type Wish } from './quota.ts';
import { confirmRestored } from './restored.ts';

/**
 * What brokers' leases, revocations and quota need of a store. Postgres implements it, and so does the memory of the
 * simulation; one suite of tests says what both must do. Each method is one transaction.
 */
export interface PolicyStore {
  /** As `renewLease`. */
  renewLease(installed: Installed): Promise<Authority | undefined>;
  /** As `changesAfter`. */
  changesAfter(installed: Pick<Installed, 'incarnation' | 'version'>): Promise<Authority & { changes: Buffer[] }>;
  /** As `countBrokers`. */
  countBrokers(version: bigint): Promise<Standing>;
  /** As `reserveQuota`. */
  reserveQuota(wish: Wish): Promise<Reserved>;
  /** As `returnQuota`. */
  returnQuota(reservationId: string, rows: number): Promise<void>;
  /** As `confirmRestored`. */
  confirmRestored(): Promise<void>;
}

/** The store on Postgres. */
export function postgresStore(pool: Pool): PolicyStore {
  return {
    renewLease: (installed) => renewLease(pool, installed),
    changesAfter: (installed) => changesAfter(pool, installed),
    countBrokers: (version) => countBrokers(pool, version),
    reserveQuota: (wish) => reserveQuota(pool, wish),
    returnQuota: (reservationId, rows) => returnQuota(pool, reservationId, rows),
    confirmRestored: () => confirmRestored(pool),
  };
}
