import { readFileSync } from 'node:fs';
import { address, file, keyFile, readConfig, text } from '../../mesh/config.ts';
import { startHealth } from '../../mesh/health.ts';
import { runProcess } from '../../mesh/lifecycle.ts';
import { memoryFile } from '../../mesh/memory-file.ts';
import { verifierOf, WITNESS_NAME, witnessSigner } from '../../mesh/tlog/note.ts';
import { Witness } from './witness.ts';
import { startWitnessServer } from './witness-server.ts';

const spec = {
  listen: address('RANGKIANG_LISTEN'),
  healthListen: address('RANGKIANG_HEALTH_LISTEN', { default: '127.0.0.1:0' }),
  /** The secret seed of its Ed25519 key. */
  key: keyFile('RANGKIANG_WITNESS_KEY', 32),
  stateDir: text('RANGKIANG_WITNESS_STATE'),
  /** The public key of the log. */
  logKey: file('RANGKIANG_LOG_KEY'),
};

await runProcess('witness', async ({ log, onStop }) => {
  const config = readConfig(spec);
  const health = await startHealth(config.healthListen);
  onStop(() => health.close());
  const verifier = verifierOf(readFileSync(config.logKey, 'utf8'));
  const signer = witnessSigner(WITNESS_NAME, config.key);
  const witness = new Witness(verifier, signer, memoryFile(config.stateDir, 'checkpoint'));
  const server = await startWitnessServer(config.listen, witness, (err) => log.error({ err }, 'a request failed'));
  onStop(() => server.close());
  health.set(true);
  log.info(
    { address: server.address, log: verifier.name, size: String(witness.head.size), key: signer.verifierKey },
    'listening',
  );
});
