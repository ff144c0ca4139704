import type { Clock } from '../broker/clock.ts';
import { mayRelease } from '../broker/policy/release-check.ts';
import type { Snapshot } from '../broker/policy/snapshot.ts';
import type { QuotaService } from '../broker/quota/day-chunk.ts';
import { type Debit, QuotaHolder } from '../broker/quota/quota-holder.ts';
import { type Extend, SnapshotHolder } from '../broker/snapshot-holder.ts';
import { awaitBrokers } from '../services/permit/domain/confirmation.ts';
import type { PolicyStore } from '../services/permit/store/policy-store.ts';
import type { MemoryStore } from './memory-store.ts';

/** What a simulation takes from production, and where it can be broken. */
export interface Parts {
  /** Both clocks of a broker. */
  readonly clock: (clock: Clock) => Clock;
  readonly holder: (empty: Snapshot, extend: Extend) => SnapshotHolder;
  readonly quota: (
    service: QuotaService,
    authorityMs: () => number,
    monoMs: () => number,
  ) => { debit(permitId: string, rows: number): Debit | Promise<Debit>; close(): Promise<void> };
  readonly mayRelease: typeof mayRelease;
  /** The store as the permit service sees it; `sleep` takes up to so many milliseconds of its process. */
  readonly store: (store: MemoryStore, sleep: (mostMs: number) => Promise<void>) => PolicyStore;
  readonly awaitBrokers: typeof awaitBrokers;
}

/** Production as it is. */
export const production: Parts = {
  clock: (clock) => clock,
  holder: (empty, extend) => new SnapshotHolder(empty, extend),
  quota: (service, authorityMs, monoMs) => new QuotaHolder(service, authorityMs, monoMs),
  mayRelease,
  store: (store) => store,
  awaitBrokers,
};
