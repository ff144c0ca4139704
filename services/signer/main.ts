import { SignerServiceService } from '#gen/rangkiang/audit/v1/signer_service.ts';
import { readConfig } from '#mesh/config.ts';
import { startHealth } from '#mesh/health.ts';
import { runProcess } from '#mesh/lifecycle.ts';
import { memoryFile } from '#mesh/memory-file.ts';
import { implement, startServer } from '#mesh/server.ts';
import { LOG_ORIGIN } from '#mesh/tlog/checkpoint.ts';
import { logSigner } from '#mesh/tlog/note.ts';
import { allow } from './allow.ts';
import { signerSpec } from './config.ts';
import { SignedHistory } from './domain/signed-history.ts';
import { getSignedHead } from './handlers/get-signed-head.ts';
import { signHead } from './handlers/sign-head.ts';

const DRAIN_MS = 3_000;

await runProcess('signer', async ({ log, onStop }) => {
  const config = readConfig(signerSpec);
  const health = await startHealth(config.healthListen);
  onStop(() => health.close());
  const history = new SignedHistory(logSigner(LOG_ORIGIN, config.signerKey), memoryFile(config.stateDir, 'checkpoint'));
  const server = await startServer({
    name: 'signer',
    listen: config.listen,
    tls: config.tls,
    allow,
    implementations: [
      implement(SignerServiceService, { getSignedHead: getSignedHead(history), signHead: signHead(history) }),
    ],
    onFault: (error, path) => log.error({ err: error, method: path }, 'call failed'),
  });
  onStop(() => server.drain(DRAIN_MS));
  health.set(true);
  log.info({ address: server.address, health: health.address }, 'listening');
});
