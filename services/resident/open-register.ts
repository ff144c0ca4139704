import { readFileSync } from 'node:fs';
import type { OutboxRelay } from '#mesh/outbox.ts';
import { migrate, openPipeline, openPool, type Pool } from '#mesh/sql.ts';
import type { ResidentContext } from './context.ts';
import { type DateNumber, todayInJakarta } from './domain/calendar.ts';
import { CallerMemory } from './domain/caller-memory.ts';
import { Regions } from './domain/regions.ts';
import { ordinary, readsByKey, withSettings } from './store/connection-options.ts';
import { FamilyReader } from './store/family-reader.ts';
import { ResidentReader } from './store/resident-reader.ts';

const REGIONS = new URL('../../data/regions_kota_padang.csv', import.meta.url);
const MAX_CONNECTIONS = 8;

/** The register's database, migrated, with everything that reads and writes it. */
export interface Register {
  readonly pool: Pool;
  /** What the handlers work with, once the relay of their records is there. */
  context(relay: OutboxRelay): ResidentContext;
  close(): Promise<void>;
}

/** Opens the register and applies what its schema lacks. `today` is the date that ages are told by. */
export async function openRegister(databaseUrl: string, today: () => DateNumber = todayInJakarta): Promise<Register> {
  const pool = openPool(withSettings(databaseUrl, ordinary), { max: MAX_CONNECTIONS });
  const pipeline = openPipeline(withSettings(databaseUrl, readsByKey));
  const close = async () => {
    await Promise.all([pipeline.close(), pool.end()]);
  };
  try {
    await migrate(pool, new URL('./migrations/', import.meta.url));
  } catch (error) {
    await close();
    throw error;
  }
  const regions = Regions.parse(readFileSync(REGIONS, 'utf8'));
  const residents = new ResidentReader(pipeline, regions, today);
  const memory = new CallerMemory();
  const families = new FamilyReader(pipeline, regions, today);
  return { pool, context: (relay) => ({ residents, families, memory, pool, relay, regions, today }), close };
}
