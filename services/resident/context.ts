import type { OutboxRelay } from '#mesh/outbox.ts';
import type { Pool } from '#mesh/sql.ts';
import type { DateNumber } from './domain/calendar.ts';
import type { CallerMemory } from './domain/caller-memory.ts';
import type { Regions } from './domain/regions.ts';
import type { FamilyReader } from './store/family-reader.ts';
import type { ResidentReader } from './store/resident-reader.ts';

/** What the handlers work with. */
export interface ResidentContext {
  readonly residents: ResidentReader;
  readonly families: FamilyReader;
  /** What the callers asked before. */
  readonly memory: CallerMemory;
  /** For counts and imports. */
  readonly pool: Pool;
  /** Carries the records of imports to the audit service. */
  readonly relay: OutboxRelay;
  readonly regions: Regions;
  /** Today in Padang. */
  readonly today: () => DateNumber;
}
