import { RegistryServiceService } from '#gen/rangkiang/resident/v1/registry_service.ts';
import { ResidentServiceService } from '#gen/rangkiang/resident/v1/resident_service.ts';
import { implement } from '#mesh/server.ts';
import type { ResidentContext } from './context.ts';
import { aggregateResidents } from './handlers/aggregate-residents.ts';
import { getFamily } from './handlers/get-family.ts';
import { getRegistryStatistics } from './handlers/get-registry-statistics.ts';
import { getResident } from './handlers/get-resident.ts';
import { importResidents } from './handlers/import-residents.ts';
import { verifyResident } from './handlers/verify-resident.ts';

/** Both services of this process, each method bound to its handler. */
export function residentServices(context: ResidentContext) {
  return [
    implement(ResidentServiceService, {
      verifyResident: verifyResident(context),
      getResident: getResident(context),
      getFamily: getFamily(context),
      aggregateResidents: aggregateResidents(context),
    }),
    implement(RegistryServiceService, {
      importResidents: importResidents(context),
      getRegistryStatistics: getRegistryStatistics(context),
    }),
  ];
}
