import type {
  GetRegistryStatisticsRequest,
  GetRegistryStatisticsResponse,
} from '#gen/rangkiang/resident/v1/registry.ts';
import type { CallContext } from '#mesh/server.ts';
import type { ResidentContext } from '../context.ts';
import { assertKeepsRegister } from '../domain/registry-grant.ts';
import { registrySize } from '../store/statistics.ts';

/** Counts what is on record. */
export function getRegistryStatistics({ pool }: ResidentContext) {
  return async (_: GetRegistryStatisticsRequest, call: CallContext): Promise<GetRegistryStatisticsResponse> => {
    assertKeepsRegister(call.grant);
    const { lastImportTime, ...size } = await registrySize(pool);
    return { ...size, lastImportTime: lastImportTime ?? undefined };
  };
}
