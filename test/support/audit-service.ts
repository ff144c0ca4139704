import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata } from '@grpc/grpc-js';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { AppendClient } from '#mesh/append-client.ts';
import { type Channel, connect } from '#mesh/client.ts';
import { createLogger } from '#mesh/log.ts';
import { openPool, type Pool } from '#mesh/sql.ts';
import { LOG_ORIGIN } from '#mesh/tlog/checkpoint.ts';
import { logSigner } from '#mesh/tlog/note.ts';
import type { TlsFiles } from '#mesh/tls.ts';
import { testCertificates } from './certificates.ts';
import { type Child, startChild } from './child.ts';
import { testDatabase } from './postgres.ts';
import { testRedis } from './redis.ts';
import { type SignerProcess, startSigner } from './signer.ts';
import { startWitness, type TestWitness } from './witness.ts';

/** What the log holds, read with SQL of the test's own. */
export interface LogEntry {
  readonly index: bigint;
  readonly leafBytes: Buffer;
  readonly leaf: Leaf;
}

/** The audit service as real processes over one database. */
export interface AuditService {
  readonly databaseUrl: string;
  readonly pool: Pool;
  /** The seal key, 32 bytes. */
  readonly sealKey: Buffer;
  /** The public half of the log's key. */
  readonly logKey: string;
  readonly signer: SignerProcess;
  readonly witness: TestWitness;
  /** The file that holds it, which each process reads when it starts. */
  readonly sealKeyFile: string;
  /** The first replica. */
  readonly first: Replica;
  /** Starts a process that is not expected to get as far as to listen. */
  launch(): Child;
  /** Starts another replica. */
  another(): Promise<Replica>;
  /** An append client as a process of the mesh opens it; closed with the service. */
  client(writer: string, replica?: Replica): AppendClient;
  /** Credentials of any caller, by its SPIFFE id. */
  credentials(spiffeId: string): Promise<TlsFiles>;
  /** A broker's connection; closed with the service. */
  broker(replica?: Replica): Promise<Channel>;
  /** That of another process of the mesh. */
  peer(name: string): Promise<Channel>;
  /** All of the log. */
  entries(): Promise<LogEntry[]>;
  /** Stops everything and removes its files. */
  stop(): Promise<void>;
}

/** One process. */
export interface Replica {
  /** The same after a restart. */
  readonly address: string;
  readonly child: Child;
  /** host:port of its tiles; another one after a restart. */
  readonly tiles: string;
  /** Kills it, as a crash does, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same address. */
  start(): Promise<void>;
}

/**
 * Starts the service on a fresh database, which its processes reach by the URL that `reach` gives, and the signer by the
 * address that `reachSigner` gives.
 */
export async function startAuditService(
  reach: (url: string) => Promise<string> = async (url) => url,
  env: Record<string, string> = {},
  reachSigner: (address: string) => Promise<string> = async (address) => address,
): Promise<AuditService> {
  const { url } = await testDatabase();
  const databaseUrl = await reach(url);
  const certificates = await testCertificates();
  const directory = await mkdtemp(join(tmpdir(), 'rangkiang-audit-'));
  const sealKey = randomBytes(32);
  const sealKeyFile = join(directory, 'seal.key');
  await writeFile(sealKeyFile, sealKey.toString('base64'));
  const tls = await certificates.issue('spiffe://padang.go.id/mesh/audit');
  const clientTls = await certificates.issue('spiffe://padang.go.id/mesh/broker');
  const redisUrl = await testRedis();
  const closers: (() => Promise<void>)[] = [];

  const signerSeed = randomBytes(32);
  const logKey = logSigner(LOG_ORIGIN, signerSeed).verifierKey;
  const logKeyFile = join(directory, 'log.vkey');
  await writeFile(logKeyFile, logKey);
  const witness = await startWitness(join(directory, 'witness'), logKey);
  closers.push(() => witness.close());
  const witnessKeyFile = join(directory, 'witness.vkey');
  await writeFile(witnessKeyFile, witness.key);
  const signer = await startSigner(join(directory, 'signer'), signerSeed, certificates);
  closers.push(() => signer.kill());
  const signerAddress = await reachSigner(signer.address);

  const startProcess = (listen: string) =>
    startChild(new URL('../../services/audit/main.ts', import.meta.url), [], {
      RANGKIANG_LISTEN: listen,
      RANGKIANG_HEALTH_LISTEN: '127.0.0.1:0',
      RANGKIANG_TLS_CA: tls.ca,
      RANGKIANG_TLS_CERT: tls.cert,
      RANGKIANG_TLS_KEY: tls.key,
      RANGKIANG_SEAL_KEY: sealKeyFile,
      RANGKIANG_TILES_LISTEN: '127.0.0.1:0',
      RANGKIANG_SIGNER: signerAddress,
      RANGKIANG_LOG_KEY: logKeyFile,
      RANGKIANG_WITNESS: `http://${witness.address}`,
      RANGKIANG_WITNESS_KEY: witnessKeyFile,
      ...env,
      REDIS_URL: redisUrl,
      DATABASE_URL: databaseUrl,
    });

  const startReplica = async (): Promise<Replica> => {
    let child = startProcess('127.0.0.1:0');
    let listening = await child.said('listening');
    const address = String(listening.address);
    const replica: Replica = {
      address,
      get tiles() {
        return String(listening.tiles);
      },
      get child() {
        return child;
      },
      async kill() {
        child.process.kill('SIGKILL');
        await child.exit;
      },
      async start() {
        child = startProcess(address);
        listening = await child.said('listening');
      },
    };
    closers.push(() => replica.kill());
    return replica;
  };

  const open = ({ address }: Replica, tls: typeof clientTls): Channel => {
    const channel = connect({ address, peer: 'audit', tls });
    closers.push(async () => channel.close());
    return channel;
  };
  const first = await startReplica();
  const pool = openPool(url, { max: 4 });
  return {
    databaseUrl: url,
    pool,
    sealKey,
    logKey,
    signer,
    witness,
    sealKeyFile,
    first,
    launch: () => startProcess('127.0.0.1:0'),
    another: startReplica,
    client(writer, replica = first) {
      const client = new AppendClient({
        address: replica.address,
        tls: clientTls,
        writer,
        log: createLogger(writer, 'fatal'),
      });
      closers.push(() => client.close());
      return client;
    },
    credentials: (spiffeId) => certificates.issue(spiffeId),
    broker: async (replica = first) => open(replica, clientTls),
    peer: async (name) => open(first, await certificates.issue(`spiffe://padang.go.id/mesh/${name}`)),
    async entries() {
      const { rows } = await pool.query<{ index: bigint; leaf: Buffer }>(
        'select index, leaf from entry order by index',
      );
      return rows.map(({ index, leaf }) => ({ index, leafBytes: leaf, leaf: Leaf.decode(leaf) }));
    },
    async stop() {
      for (const close of closers.reverse()) await close();
      await pool.end();
      await rm(directory, { recursive: true });
    },
  };
}

/** What a broker sends with a call of Disdukcapil for a resident's sake. */
export function disdukcapilCall(changes: Partial<Grant> = {}): { metadata: Metadata; callId: Buffer } {
  const purpose = Purpose.ADMINISTRASI_KEPENDUDUKAN;
  return securityCall({ opd: 'DISDUKCAPIL', system: 'loket', purpose, ...changes });
}

/** What a broker sends with a call of the security team; `callId` is the call's id. */
export function securityCall(changes: Partial<Grant> = {}): { metadata: Metadata; callId: Buffer } {
  const callId = randomBytes(16);
  const grant = Grant.create({
    callId,
    permit: 'STATUTE',
    opd: 'SECURITY',
    unit: 'PUSAT',
    system: 'siem',
    purpose: Purpose.PENGAWASAN,
    scope: Scope.ALL,
    ...changes,
  });
  const metadata = new Metadata();
  metadata.set('rangkiang-grant-bin', Buffer.from(Grant.encode(grant).finish()));
  return { metadata, callId };
}
