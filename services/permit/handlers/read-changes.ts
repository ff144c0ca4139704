import type { ReadChangesRequest, ReadChangesResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import type { PermitContext } from '../context.ts';
import { changesBetween } from '../store/policy.ts';

/** ReadChanges. */
export function readChanges({ pool }: Pick<PermitContext, 'pool'>) {
  return async ({ afterVersion, upToVersion }: ReadChangesRequest): Promise<ReadChangesResponse> => ({
    changes: await changesBetween(pool, afterVersion, upToVersion),
  });
}
