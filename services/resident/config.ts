import { address, processSpec, url } from '#mesh/config.ts';

/** What the resident service reads from its environment. */
export const residentSpec = {
  ...processSpec,
  databaseUrl: url('DATABASE_URL', 'postgres:', 'postgresql:'),
  audit: address('RANGKIANG_AUDIT'),
};
