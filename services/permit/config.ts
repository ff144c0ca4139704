import { address, choice, file, processSpec, url } from '#mesh/config.ts';
import { regimes } from './domain/life-cycle.ts';

/** What the permit service reads from its environment. */
export const permitSpec = {
  ...processSpec,
  databaseUrl: url('DATABASE_URL', 'postgres:', 'postgresql:'),
  audit: address('RANGKIANG_AUDIT'),
  walikotaCert: file('RANGKIANG_WALIKOTA_CERT'),
  regime: choice('RANGKIANG_REGIME', regimes, { default: 'PERMENDAGRI_61_2015' }),
};
