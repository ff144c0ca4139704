import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RegistryServiceService } from '../../proto/gen/rangkiang/resident/v1/registry_service.ts';
import { publicMode, writeFileAtomic } from '../ca/files.ts';
import { connectAs } from '../client/caller.ts';
import { type ImportProgress, importPopulation } from '../population/import.ts';
import { cityImportId } from '../population/import-id.ts';
import { CITY_VERSION, population } from '../population/population.ts';
import type { Layout } from '../state/layout.ts';
import type { RunningMesh } from '../supervisor/mesh.ts';

/** The synthetic city that a register was filled with. */
export interface City {
  readonly seed: number;
  readonly residents: number;
  readonly version: number;
}

/** Every development mesh has the same city, so that what one person sees another can repeat. */
const seed = 1;

const cityFile = (layout: Layout) => join(layout.dir, 'city.json');

/** The city that was imported before; undefined before the first import has ended. */
export async function readCity(layout: Layout): Promise<City | undefined> {
  try {
    return JSON.parse(await readFile(cityFile(layout), 'utf8')) as City;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Imports a synthetic city as Disdukcapil, through the broker like any import. What an interrupted start has sent is
 * passed over. Rejects when `signal` is aborted.
 */
export async function fillRegister(
  mesh: RunningMesh,
  residents: number,
  { onProgress, signal }: { onProgress(progress: ImportProgress): void; signal: AbortSignal },
): Promise<City> {
  const city = { seed, residents, version: CITY_VERSION };
  const caller = await connectAs('DISDUKCAPIL', { layout: mesh.layout, endpoints: mesh.endpoints(), locale: 'id' });
  const settings = { purpose: 'ADMINISTRASI_KEPENDUDUKAN', signal };
  try {
    await importPopulation(
      until(signal, population(seed, residents)),
      () => caller.duplex(RegistryServiceService.importResidents, settings),
      { importId: cityImportId(seed, residents), onProgress },
    );
  } finally {
    caller.close();
  }
  await writeFileAtomic(cityFile(mesh.layout), `${JSON.stringify(city)}\n`, publicMode);
  return city;
}

function* until<T>(signal: AbortSignal, items: Iterable<T>): Generator<T> {
  for (const item of items) {
    signal.throwIfAborted();
    yield item;
  }
}
