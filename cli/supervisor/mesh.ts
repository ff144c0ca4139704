import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CliFailure } from '../failure.ts';
import type { Text } from '../language.ts';
import { prepareCredentials } from '../state/credentials.ts';
import { type Endpoints, writeEndpoints } from '../state/endpoints.ts';
import { type Layout, layoutOf } from '../state/layout.ts';
import { Child } from './child.ts';
import { type ControlRequest, takeControl } from './control.ts';
import { checkPortsFree, type Ports } from './ports.ts';
import { planProcesses } from './process-table.ts';
import { type Stores, startStores } from './stores.ts';

/** How to start a mesh. */
export interface MeshOptions {
  stateDir: string;
  ports: Ports;
  /** Start over: forget residents, permits, records and certificates. */
  fresh: boolean;
  /** POSTGRES_URL and REDIS_URL name servers to use instead of own ones. */
  env: NodeJS.ProcessEnv;
  /** Told what happens, for the person at the terminal. */
  say(text: Text): void;
  /** Ends the start when it is aborted. */
  signal: AbortSignal;
}

/** A mesh whose processes run. */
export interface RunningMesh {
  readonly layout: Layout;
  /** As in endpoints.json, now. */
  endpoints(): Endpoints;
  /** Stops everything: brokers first, Postgres last. */
  stop(): Promise<void>;
}

/** Starts Postgres, Redis and every process, and keeps the processes alive. Leaves nothing running when it throws. */
export async function startMeshProcesses(options: MeshOptions): Promise<RunningMesh> {
  const layout = layoutOf(options.stateDir);
  await mkdir(layout.dir, { recursive: true });
  await using cleanup = new AsyncDisposableStack();
  const supervisor = new Supervisor(layout, options.say);
  const control = await takeControl(layout, (request) => supervisor.obey(request));
  cleanup.defer(() => control.close());
  if (options.fresh) await forget(layout);
  await checkPortsFree(options.ports);
  await prepareCredentials(layout);
  const say = (line: string) => options.say({ id: line, en: line });
  const onDeath = (server: string, dir: string) => supervisor.tellDeath(server, dir);
  const stores = await startStores({ ...options, layout, say, onDeath }, cleanup);
  options.signal.throwIfAborted();
  cleanup.defer(() => supervisor.stop());
  await supervisor.start(stores, options.ports);
  options.signal.throwIfAborted();
  const running = cleanup.move();
  return { layout, endpoints: () => supervisor.endpoints(), stop: () => running.disposeAsync() };
}

/** Removes all state but the servers' own directories, whose left-over processes must be found; databases are dropped later. */
async function forget(layout: Layout): Promise<void> {
  const kept = new Set([layout.postgresDir, layout.redisDir, layout.controlSocket].map((path) => basename(path)));
  const entries = await readdir(layout.dir);
  await Promise.all(
    entries.filter((entry) => !kept.has(entry)).map((entry) => rm(join(layout.dir, entry), { recursive: true })),
  );
}

/** The processes of one mesh, and what is told about them. */
class Supervisor {
  readonly #layout: Layout;
  readonly #say: (text: Text) => void;
  readonly #children = new Map<string, Child>();
  #stores: Stores | undefined;
  #tilesPort = 0;
  #isStopping = false;
  /** Orders from outside are obeyed one after the other, and so are writes of endpoints.json. */
  #orders: Promise<unknown> = Promise.resolve();
  #writes: Promise<void> = Promise.resolve();

  constructor(layout: Layout, say: (text: Text) => void) {
    this.#layout = layout;
    this.#say = say;
  }

  async start(stores: Stores, ports: Ports): Promise<void> {
    this.#stores = stores;
    this.#tilesPort = ports.tiles;
    for (const plan of planProcesses(this.#layout, ports, stores.postgres, stores.redisUrl)) {
      const onChange = (event: 'started' | 'died') => this.#onChange(plan.name, event);
      this.#children.set(plan.name, new Child(plan, this.#layout.log(plan.name), onChange));
    }
    await Promise.all([...this.#children.values()].map((child) => child.start()));
    await this.#writes;
  }

  /** Stops all processes in the reverse order of their start, so that whoever asks goes before whoever answers. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const child of [...this.#children.values()].reverse()) await child.stop();
    await this.#writes;
    await rm(this.#layout.endpoints, { force: true });
  }

  obey(request: ControlRequest): Promise<{ pid: number }> {
    const done = this.#orders.then(() => this.#carryOut(request));
    this.#orders = done.catch(() => {});
    return done;
  }

  async #carryOut(request: ControlRequest): Promise<{ pid: number }> {
    if (this.#isStopping) throw new CliFailure({ id: 'Mesh sedang berhenti.', en: 'The mesh is stopping.' });
    const child = this.#children.get(request.process);
    if (!child) {
      const names = [...this.#children.keys()].join(', ');
      throw new CliFailure({
        id: `Tidak ada proses "${request.process}". Yang ada: ${names}`,
        en: `There is no process "${request.process}". There are: ${names}`,
      });
    }
    await (request.command === 'stop' ? child.stop() : child.start());
    this.#publish();
    await this.#writes;
    return { pid: child.pid };
  }

  endpoints(): Endpoints {
    const children = [...this.#children.values()];
    const brokers = children
      .filter(({ plan }) => plan.name.startsWith('broker-'))
      .map(({ plan, pid }) => ({ address: plan.address, pid }));
    return {
      broker: brokers[0]?.address ?? '',
      brokers,
      processes: Object.fromEntries(
        children.map(({ plan, pid }) => [plan.name, { pid, address: plan.address, health: plan.health }]),
      ),
      tiles: `https://127.0.0.1:${this.#tilesPort}`,
      postgres: this.#stores?.postgresUrl ?? '',
      redis: this.#stores?.redisUrl ?? '',
    };
  }

  /** Tells that something ended and is started again; `where` its log lies. */
  tellDeath(name: string, where: string): void {
    this.#say({
      id: `${name} berhenti tanpa diminta; dijalankan lagi (catatan: ${where})`,
      en: `${name} ended without being told to; starting it again (its log: ${where})`,
    });
  }

  #onChange(name: string, event: 'started' | 'died'): void {
    if (event === 'died') this.tellDeath(name, this.#layout.log(name));
    this.#publish();
  }

  #publish(): void {
    this.#writes = this.#writes.then(() => writeEndpoints(this.#layout, this.endpoints()));
  }
}
