import { keyFile, processSpec, url } from '#mesh/config.ts';

/** What the audit service reads from its environment. */
export const auditSpec = {
  ...processSpec,
  databaseUrl: url('DATABASE_URL', 'postgres:', 'postgresql:'),
  /** Opens everything that the log has sealed; see domain/seal.ts. */
  sealKey: keyFile('RANGKIANG_SEAL_KEY', 32),
};
