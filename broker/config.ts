import { address, file, keyFile, number, processSpec } from '#mesh/config.ts';

/** What a broker reads from its environment. */
export const brokerSpec = {
  ...processSpec,
  permit: address('RANGKIANG_PERMIT'),
  resident: address('RANGKIANG_RESIDENT'),
  audit: address('RANGKIANG_AUDIT'),
  walikotaCert: file('RANGKIANG_WALIKOTA_CERT'),
  /** Makes operators' pseudonyms; the same for every broker of the city. */
  pseudonymKey: keyFile('RANGKIANG_PSEUDONYM_KEY', 32),
  /** One call in so many is decided a second time by the oracle. */
  oracleOneIn: number('RANGKIANG_ORACLE_ONE_IN', { default: 1_000, min: 1 }),
};
