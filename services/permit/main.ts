import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmergencyUseServiceService } from '#gen/rangkiang/audit/v1/emergency_use_service.ts';
import { AppendClient } from '#mesh/append-client.ts';
import { Bell } from '#mesh/bell.ts';
import { connect } from '#mesh/client.ts';
import { readConfig } from '#mesh/config.ts';
import { startHealth } from '#mesh/health.ts';
import { runProcess } from '#mesh/lifecycle.ts';
import { OutboxRelay } from '#mesh/outbox.ts';
import { startServer } from '#mesh/server.ts';
import { pinnedKeys } from '#mesh/signing-keys.ts';
import { migrate, openPool } from '#mesh/sql.ts';
import { allow } from './allow.ts';
import { permitSpec } from './config.ts';
import { parseOpdList } from './domain/opd-list.ts';
import { tellDueAlerts } from './due-alerts.ts';
import { keepEmergencies, type ListOperators } from './emergencies.ts';
import { completeRecorded } from './recorded.ts';
import { permitServices } from './service.ts';
import { deleteExpired } from './store/expiry.ts';
import { registerOpd } from './store/opd.ts';

const OPD_LIST = new URL('../../data/opd_kota_padang.csv', import.meta.url);
const MAX_CONNECTIONS = 16;
const EXPIRY_INTERVAL_MS = 3_600_000;
const ALERTS_INTERVAL_MS = 30_000;
const DRAIN_MS = 5_000;
/** The end of an emergency and a late review have so much time. */
const EMERGENCY_INTERVAL_MS = 10_000;
const LIST_OPERATORS_TIMEOUT_MS = 30_000;

await runProcess('permit', async ({ log, onStop }) => {
  const config = readConfig(permitSpec);
  const pinned = pinnedKeys(readFileSync(config.walikotaCert, 'utf8'));

  const health = await startHealth(config.healthListen);
  onStop(() => health.close());
  const pool = openPool(config.databaseUrl, { max: MAX_CONNECTIONS });
  onStop(() => pool.end());
  await migrate(pool, new URL('./migrations/', import.meta.url));
  await registerOpd(pool, parseOpdList(readFileSync(OPD_LIST, 'utf8')));

  const bell = new Bell(config.redisUrl, log);
  onStop(async () => bell.close());
  const audit = new AppendClient({ address: config.audit, tls: config.tls, writer: 'permit' });
  onStop(() => audit.close());
  const relay = new OutboxRelay(pool, audit, log, completeRecorded);
  onStop(() => relay.close());

  const expire = () => deleteExpired(pool).catch((error) => log.warn({ err: error }, 'nothing expired was deleted'));
  await expire();
  const expiry = setInterval(expire, EXPIRY_INTERVAL_MS);
  onStop(async () => clearInterval(expiry));

  const tell = () =>
    tellDueAlerts(pool, relay).catch((err) => log.warn({ err }, 'no alert could be put in the outbox'));
  const telling = setInterval(tell, ALERTS_INTERVAL_MS);
  onStop(async () => clearInterval(telling));

  const clock = { nowMs: () => performance.now(), sleep: (ms: number) => sleep(ms) };
  const ringPolicy = () => bell.ring('rangkiang:policy');
  const context = { pool, relay, ringPolicy, pinned, clock, regime: config.regime };
  const auditChannel = connect({ address: config.audit, peer: 'audit', tls: config.tls });
  onStop(async () => auditChannel.close());
  const listOperators: ListOperators = async (emergency) => {
    const options = { timeoutMs: LIST_OPERATORS_TIMEOUT_MS };
    const listed = await auditChannel.unary(EmergencyUseServiceService.listEmergencyOperators, emergency, options);
    return listed.operatorPseudonyms;
  };
  const keep = () =>
    keepEmergencies(context, listOperators).catch((error) => log.warn({ err: error }, 'emergencies were not kept'));
  const keeping = setInterval(keep, EMERGENCY_INTERVAL_MS);
  onStop(async () => clearInterval(keeping));
  const server = await startServer({
    name: 'permit',
    listen: config.listen,
    tls: config.tls,
    allow,
    implementations: permitServices(context),
    audit,
    onFault: (error, path) => log.error({ err: error, method: path }, 'call failed'),
  });
  onStop(() => server.drain(DRAIN_MS));
  health.set(true);
  log.info({ address: server.address, health: health.address }, 'listening');
});
