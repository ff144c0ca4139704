import { AppendClient } from '#mesh/append-client.ts';
import { readConfig } from '#mesh/config.ts';
import { startHealth } from '#mesh/health.ts';
import { runProcess } from '#mesh/lifecycle.ts';
import { OutboxRelay } from '#mesh/outbox.ts';
import { startServer } from '#mesh/server.ts';
import { allow } from './allow.ts';
import { residentSpec } from './config.ts';
import { openRegister } from './open-register.ts';
import { residentServices } from './service.ts';

const DRAIN_MS = 5_000;

await runProcess('resident', async ({ log, onStop }) => {
  const config = readConfig(residentSpec);
  const health = await startHealth(config.healthListen);
  onStop(() => health.close());
  const register = await openRegister(config.databaseUrl);
  onStop(() => register.close());

  const audit = new AppendClient({ address: config.audit, tls: config.tls, writer: 'resident' });
  onStop(() => audit.close());
  const relay = new OutboxRelay(register.pool, audit, log);
  onStop(() => relay.close());

  const server = await startServer({
    name: 'resident',
    listen: config.listen,
    tls: config.tls,
    allow,
    implementations: residentServices(register.context(relay)),
    audit,
    onFault: (error, path) => log.error({ err: error, method: path }, 'call failed'),
  });
  onStop(() => server.drain(DRAIN_MS));
  health.set(true);
  log.info({ address: server.address, health: health.address }, 'listening');
});
