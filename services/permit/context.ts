import type { OutboxRelay } from '#mesh/outbox.ts';
import type { SigningKeys } from '#mesh/signing-keys.ts';
import type { Pool } from '#mesh/sql.ts';
import type { Clock } from './domain/confirmation.ts';
import type { RegimeName } from './domain/life-cycle.ts';

/** What the handlers work with. */
export interface PermitContext {
  readonly pool: Pool;
  /** Carries the records of changes to the audit service, and completes permits when theirs are committed. */
  readonly relay: OutboxRelay;
  /** Tells the brokers that the policy changed. */
  readonly ringPolicy: () => void;
  /** The Walikota's keys that are pinned; which are in force says `signingKeysNow`. */
  readonly pinned: SigningKeys;
  readonly clock: Clock;
  /** The regulation under which permits come about. */
  readonly regime: RegimeName;
  /** Days after the end of a semester in which being late with the report only warns. */
  readonly reportGraceDays: number;
  /** The authority's clock, that of Postgres: on which day it is duties depend. */
  readonly now: () => Promise<Date>;
}
