import { address, file, keysFile, processSpec, url } from '#mesh/config.ts';

/** What the audit service reads from its environment. */
export const auditSpec = {
  ...processSpec,
  databaseUrl: url('DATABASE_URL', 'postgres:', 'postgresql:'),
  /** Where the log is served over HTTPS. */
  tilesListen: address('RANGKIANG_TILES_LISTEN'),
  signer: address('RANGKIANG_SIGNER'),
  /** The public half of the signer's key, as C2SP signed-note writes it. */
  logKey: file('RANGKIANG_LOG_KEY'),
  /** Master keys, the newest first: they open every key that seals what is personal; see domain/master-keys.ts. */
  sealKeys: keysFile('RANGKIANG_SEAL_KEY', 32),
};
