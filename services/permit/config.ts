import { address, file, processSpec, url } from '#mesh/config.ts';

/** What the permit service reads from its environment. */
export const permitSpec = {
  ...processSpec,
  databaseUrl: url('DATABASE_URL', 'postgres:', 'postgresql:'),
  audit: address('RANGKIANG_AUDIT'),
  walikotaCert: file('RANGKIANG_WALIKOTA_CERT'),
};
