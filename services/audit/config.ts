import { address, file, keysFile, number, optional, processSpec, url } from '#mesh/config.ts';

/** What the audit service reads from its environment. */
export const auditSpec = {
  ...processSpec,
  /** A login that may become the role rangkiang_audit. */
  databaseUrl: url('DATABASE_URL', 'postgres:', 'postgresql:'),
  /** The owner of the tables, who migrates; the same login where it is not set. */
  ownerDatabaseUrl: optional(url('OWNER_DATABASE_URL', 'postgres:', 'postgresql:')),
  /** Where the log is served over HTTPS. */
  tilesListen: address('RANGKIANG_TILES_LISTEN'),
  signer: address('RANGKIANG_SIGNER'),
  /** The witness that cosigns the log's heads, and its public key. */
  witness: url('RANGKIANG_WITNESS', 'http:', 'https:'),
  witnessKey: file('RANGKIANG_WITNESS_KEY'),
  /** Without a cosignature for so many minutes, no record is accepted any more. */
  witnessMinutes: number('RANGKIANG_WITNESS_MINUTES', { default: 15, min: 0.01 }),
  /** The public half of the signer's key, as C2SP signed-note writes it. */
  logKey: file('RANGKIANG_LOG_KEY'),
  /** Master keys, the newest first: they open every key that seals what is personal; see domain/master-keys.ts. */
  sealKeys: keysFile('RANGKIANG_SEAL_KEY', 32),
};
