import type { AllowList } from '#mesh/server.ts';

/** The register is reached through a broker only. */
export const allow: AllowList = {
  '/rangkiang.resident.v1.ResidentService/VerifyResident': ['broker'],
  '/rangkiang.resident.v1.ResidentService/GetResident': ['broker'],
  '/rangkiang.resident.v1.ResidentService/GetFamily': ['broker'],
  '/rangkiang.resident.v1.ResidentService/AggregateResidents': ['broker'],
  '/rangkiang.resident.v1.RegistryService/ImportResidents': ['broker'],
  '/rangkiang.resident.v1.RegistryService/GetRegistryStatistics': ['broker'],
};
