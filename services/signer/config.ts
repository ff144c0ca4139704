import { keyFile, processSpec, text } from '#mesh/config.ts';

/** What the signer reads from its environment. */
export const signerSpec = {
  ...processSpec,
  /** The secret seed of the log's Ed25519 key. */
  signerKey: keyFile('RANGKIANG_SIGNER_KEY', 32),
  /** A directory of its own, where it remembers what it signed last. */
  stateDir: text('RANGKIANG_SIGNER_STATE'),
};
