import { join } from 'node:path';
import { type Layout, repositoryDir } from '../state/layout.ts';
import type { Ports, ProcessName } from './ports.ts';

/** How one process is started and reached. */
export interface ProcessPlan {
  readonly name: ProcessName;
  /** Source file that Node runs. */
  readonly entry: string;
  /** Its configuration. */
  readonly env: Readonly<Record<string, string>>;
  /** host:port of gRPC, and of health. */
  readonly address: string;
  readonly health: string;
}

/** Databases in Postgres, one for each service that has one. */
export const databases = ['audit', 'permit', 'resident'] as const;
/** URL of one of the databases. */
export type DatabaseUrl = (database: (typeof databases)[number]) => string;

/** Every process of a mesh on one machine, in the order in which they start; they stop in the reverse order. */
export function planProcesses(layout: Layout, ports: Ports, postgres: DatabaseUrl, redisUrl: string): ProcessPlan[] {
  const portsOf = (name: ProcessName) => {
    const own = ports.processes.get(name);
    if (own === undefined) throw new Error(`no ports for ${name}`);
    return own;
  };
  const at = (name: ProcessName) => `127.0.0.1:${portsOf(name).main}`;
  const service = (name: 'audit' | 'permit' | 'resident', env: Record<string, string>) =>
    plan(name, name, `services/${name}/main.ts`, { DATABASE_URL: postgres(name), ...env });
  const broker = (name: ProcessName) =>
    plan(name, 'broker', 'broker/main.ts', {
      RANGKIANG_PERMIT: at('permit'),
      RANGKIANG_RESIDENT: at('resident'),
      RANGKIANG_AUDIT: at('audit'),
      RANGKIANG_WALIKOTA_CERT: layout.pinned,
      RANGKIANG_PSEUDONYM_KEY: layout.secret('pseudonym'),
      RANGKIANG_LOG_KEY: layout.logKey,
      RANGKIANG_MEMORY: layout.memory(name),
      // On one's own machine a broker is new when it has no memory; one that has keeps to it.
      RANGKIANG_FIRST_RUN: 'true',
    });

  function plan(name: ProcessName, identity: string, entry: string, env: Record<string, string>): ProcessPlan {
    const health = `127.0.0.1:${portsOf(name).health}`;
    const shared = {
      RANGKIANG_LISTEN: at(name),
      RANGKIANG_HEALTH_LISTEN: health,
      RANGKIANG_TLS_CA: layout.ca,
      RANGKIANG_TLS_CERT: `${layout.mesh(identity)}.crt`,
      RANGKIANG_TLS_KEY: `${layout.mesh(identity)}.key`,
      REDIS_URL: redisUrl,
    };
    return { name, entry: join(repositoryDir, entry), env: { ...shared, ...env }, address: at(name), health };
  }

  return [
    plan('signer', 'signer', 'services/signer/main.ts', {
      RANGKIANG_SIGNER_KEY: layout.secret('signer'),
      RANGKIANG_SIGNER_STATE: layout.memory('signer'),
    }),
    // The Inspektorat runs it on a machine of its own.
    plan('witness', 'witness', 'cli/witness/main.ts', {
      RANGKIANG_WITNESS_KEY: layout.secret('witness'),
      RANGKIANG_WITNESS_STATE: layout.memory('witness'),
      RANGKIANG_LOG_KEY: layout.logKey,
    }),
    service('audit', {
      RANGKIANG_SEAL_KEY: layout.secret('seal'),
      RANGKIANG_TILES_LISTEN: `127.0.0.1:${ports.tiles}`,
      RANGKIANG_SIGNER: at('signer'),
      RANGKIANG_LOG_KEY: layout.logKey,
      RANGKIANG_WITNESS: `http://${at('witness')}`,
      RANGKIANG_WITNESS_KEY: layout.witnessKey,
    }),
    service('permit', { RANGKIANG_AUDIT: at('audit'), RANGKIANG_WALIKOTA_CERT: layout.pinned }),
    service('resident', { RANGKIANG_AUDIT: at('audit') }),
    ...[...ports.processes.keys()].filter((name) => name.startsWith('broker-')).map(broker),
  ];
}
