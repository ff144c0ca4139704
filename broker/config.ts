import { address, choice, file, keyFile, number, processSpec, text } from '#mesh/config.ts';

/** What a broker reads from its environment. */
export const brokerSpec = {
  ...processSpec,
  permit: address('RANGKIANG_PERMIT'),
  resident: address('RANGKIANG_RESIDENT'),
  audit: address('RANGKIANG_AUDIT'),
  walikotaCert: file('RANGKIANG_WALIKOTA_CERT'),
  /** Makes operators' pseudonyms; the same for every broker of the city. */
  pseudonymKey: keyFile('RANGKIANG_PSEUDONYM_KEY', 32),
  /** A directory of its own, where this broker remembers the newest policy and audit log that it has seen. */
  memory: text('RANGKIANG_MEMORY'),
  /** Whether it may start without a memory. For the very first start: an older database could not be told from the newest. */
  firstRun: choice('RANGKIANG_FIRST_RUN', ['true', 'false'], { default: 'false' }),
  /** The public key of the audit log, as C2SP signed-note writes it. */
  logKey: file('RANGKIANG_LOG_KEY'),
  /** One call in so many is decided a second time by the oracle. */
  oracleOneIn: number('RANGKIANG_ORACLE_ONE_IN', { default: 1_000, min: 1 }),
};
