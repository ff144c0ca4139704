import { address, choice, file, number, processSpec, url } from '#mesh/config.ts';
import { regimes } from './domain/life-cycle.ts';

/** What the permit service reads from its environment. */
export const permitSpec = {
  ...processSpec,
  databaseUrl: url('DATABASE_URL', 'postgres:', 'postgresql:'),
  audit: address('RANGKIANG_AUDIT'),
  walikotaCert: file('RANGKIANG_WALIKOTA_CERT'),
  regime: choice('RANGKIANG_REGIME', regimes, { default: 'PERMENDAGRI_61_2015' }),
  reportGraceDays: number('RANGKIANG_REPORT_GRACE_DAYS', { default: 30, min: 0, max: 365 }),
};
