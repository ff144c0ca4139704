import { readFileSync } from 'node:fs';
import type { ListRecordsRequest } from '#gen/rangkiang/audit/v1/audit.ts';
import { Bell } from '#mesh/bell.ts';
import { connect } from '#mesh/client.ts';
import { readConfig } from '#mesh/config.ts';
import { startHealth } from '#mesh/health.ts';
import { runProcess } from '#mesh/lifecycle.ts';
import { startServer } from '#mesh/server.ts';
import { migrate, openPipeline, openPool } from '#mesh/sql.ts';
import { durationMs } from '#mesh/telemetry.ts';
import { openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { TILE_WIDTH } from '#mesh/tlog/tile.ts';
import { Tree } from '#mesh/tlog/tree.ts';
import { adoptSigned } from './adopt-signed.ts';
import { watchForAlerts } from './alert-watch.ts';
import { allow } from './allow.ts';
import { postgresCommitter } from './committer.ts';
import { auditSpec } from './config.ts';
import { CommitQueue } from './domain/commit-queue.ts';
import { HeadKeeper, LogBroken } from './domain/head-keeper.ts';
import { listRecords } from './domain/list-records.ts';
import { LogPages } from './domain/log-pages.ts';
import { LogTail } from './domain/log-tail.ts';
import { LogWriter } from './domain/log-writer.ts';
import { ownAppender } from './domain/own-appender.ts';
import { Publisher } from './domain/publisher.ts';
import { readPurposeRules } from './domain/purpose-rules.ts';
import { RecentRecords } from './domain/recent-records.ts';
import { meshSigner } from './mesh-signer.ts';
import { partsOpener } from './open-parts.ts';
import { openSealing } from './open-sealing.ts';
import { receiptMaker } from './receipts.ts';
import { recordReader } from './record-reader.ts';
import { keepRetention } from './retention.ts';
import {
  alertService,
  auditService,
  emergencyUseService,
  policyFeedService,
  proofService,
  subjectService,
} from './service.ts';
import { alertReader } from './store/alert-records.ts';
import { objectionStore } from './store/objections.ts';
import { isPruned, prunedLog } from './store/prune.ts';
import { headsOfRow, loadPublished, savePublished } from './store/published.ts';
import { accessReader } from './store/read-accesses.ts';
import { logReader } from './store/read-records.ts';
import { lastErasure, readStored } from './store/read-stored.ts';
import { readBundle, readTile } from './store/read-tree.ts';
import { asService, requirePromise } from './store/rights.ts';
import { startTileServer } from './tile-server.ts';
import { witnessClient } from './witness-client.ts';

const READ_CONNECTIONS = 4;
const BELL = 'rangkiang:audit';
// A watch is at most this far behind while the log grows. Each piece of news wakes this process, Redis and every replica.
const NEWS_EVERY_MS = 50;
const POLICY_BELL = 'rangkiang:audit:policy';
const LOOK_EVERY_MS = 1_000;
// A search through the whole log goes page by page.
const BREACH_BUDGET_MS = 3_000;
const DRAIN_MS = 3_000;
// After a break of the network that nobody reported, the kernel would wait for a quarter of an hour.
const COMMIT_TIMEOUT_MS = 10_000;

function withQueryTimeout(databaseUrl: string, timeoutMs: number): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('query_timeout', String(timeoutMs));
  return url.href;
}

await runProcess('audit', async ({ log, onStop }) => {
  const config = readConfig(auditSpec);
  const health = await startHealth(config.healthListen);
  onStop(() => health.close());
  const owner = openPool(config.ownerDatabaseUrl ?? config.databaseUrl, { max: 1 });
  await migrate(owner, new URL('./migrations/', import.meta.url)).finally(() => owner.end());
  const databaseUrl = asService(config.databaseUrl);
  const pool = openPool(databaseUrl, { max: READ_CONNECTIONS });
  onStop(() => pool.end());
  await requirePromise(pool);
  const pipeline = openPipeline(withQueryTimeout(databaseUrl, COMMIT_TIMEOUT_MS));
  onStop(() => pipeline.close());

  const bell = new Bell(config.redisUrl, log);
  onStop(async () => bell.close());
  const reader = logReader(pool);
  const tail = new LogTail(NEWS_EVERY_MS, () => bell.ring(BELL));
  // The policy is changed a few times an hour, and what widens it counts only once brokers have its record.
  const policyTail = new LogTail(0, () => bell.ring(POLICY_BELL));
  // A failing database is reported where records are committed.
  const look = (waiting: LogTail) => () =>
    reader
      .size()
      .then((size) => waiting.seen(size))
      .catch(() => {});
  bell.on(BELL, look(tail));
  bell.on(POLICY_BELL, look(policyTail));
  const looking = setInterval(look(tail), LOOK_EVERY_MS);
  onStop(async () => clearInterval(looking));

  const signer = connect({ address: config.signer, peer: 'signer', tls: config.tls });
  onStop(async () => signer.close());
  const tree = (size: bigint) => new Tree(size, (tile) => readTile(pool, tile));
  const verifier = verifierOf(readFileSync(config.logKey, 'utf8'));
  const heads = new HeadKeeper({
    signer: meshSigner(signer),
    verifier,
    tail,
    size: reader.size,
    tree,
    log,
  });
  await adoptSigned(heads, log);
  const publisher = new Publisher(
    {
      heads,
      tree,
      witness: witnessClient(config.witness),
      keys: { log: verifier, witness: verifierOf(readFileSync(config.witnessKey, 'utf8')) },
      save: (published) => savePublished(pool, openCheckpoint(published, verifier).size, published),
      limitMs: config.witnessMinutes * 60_000,
      nowMs: Date.now,
      measureAge: durationMs('rangkiang.audit.unwitnessed', 'Time since the last cosignature of the witness'),
      log,
    },
    await loadPublished(pool),
  );
  // Before the first record is taken: an older copy, of which the witness has seen more, must not grow.
  await publisher.tryOnce();

  const sealing = await openSealing(pool, config.sealKeys, log);
  const recent = new RecentRecords();
  const queue = new CommitQueue(postgresCommitter(pipeline, { tail, policyTail, recent }, sealing, log));
  onStop(() => queue.close());
  const writer = new LogWriter(queue, sealing.sealer, publisher);
  const audit = ownAppender(writer);
  const stopping = new AbortController();
  // A log that is not the one that was signed ends the process: an older copy must not go on.
  const endBroken = (err: unknown) => {
    log.fatal(
      { err, alarm: err instanceof LogBroken ? err.alarm : undefined },
      'the log is not the one that was signed',
    );
    process.exit(1);
  };
  const signing = heads.run(stopping.signal).catch(endBroken);
  onStop(() => signing);
  const publishing = publisher.run(stopping.signal).catch(endBroken);
  onStop(() => publishing);
  const concerned = accessReader(pool);
  const rules = readPurposeRules();
  const accesses = {
    accesses: concerned,
    rules,
    tag: (nik: string) => sealing.sealer.tag(nik),
    receipts: receiptMaker({ keys: sealing.keys, heads, tree }),
  };
  const objecting = { store: objectionStore(pool), access: accesses, keys: sealing.keys, audit };
  const breach = {
    list: (request: ListRecordsRequest) => listRecords(reader, request, BREACH_BUDGET_MS),
    openParts: partsOpener(concerned, sealing.keys),
  };
  const retaining = keepRetention({ pool, rules, audit, log }, stopping.signal);
  onStop(() => retaining);
  const stored = {
    read: (from: bigint, below: bigint) => readStored(pool, from, below),
    lastErasure: () => lastErasure(pool),
    published: () => loadPublished(pool),
    unwrap: sealing.keys.unwrap,
    tag: accesses.tag,
    rules,
    verifier,
    tree,
  };
  const pages = new LogPages(async (stretch) => recent.oldest(stretch) ?? reader.oldest(stretch));
  const pruning = { log: prunedLog(pool), rules, nowMs: Date.now };
  const parts = {
    alerts: alertReader(pool),
    pages,
    accesses,
    objecting,
    breach,
    pruning,
    stored,
    reader,
    writer,
    sealing,
    heads,
    tree,
    tail,
    policyTail,
    audit,
    stopping: stopping.signal,
    log,
  };
  const server = await startServer({
    name: 'audit',
    listen: config.listen,
    tls: config.tls,
    allow,
    implementations: [
      auditService(parts),
      alertService(parts),
      policyFeedService(parts),
      emergencyUseService(parts),
      subjectService(parts),
      proofService(parts),
    ],
    audit,
    onFault: (error, path) => log.error({ err: error, method: path }, 'call failed'),
  });
  onStop(() => server.drain(DRAIN_MS));
  onStop(async () => stopping.abort());
  const alertPool = openPool(databaseUrl, { max: 1 });
  onStop(() => alertPool.end());
  onStop(watchForAlerts({ pool: alertPool, pages, tail, audit, log }));
  const tiles = await startTileServer({
    listen: config.tilesListen,
    tls: config.tls,
    served: {
      checkpoint: () => publisher.checkpoint,
      tile: (tile) => readTile(pool, tile),
      bundle: (index, width) => readBundle(pool, index, width),
      isPruned: (bundle) => isPruned(pool, bundle * BigInt(TILE_WIDTH)),
      heads: (row) => headsOfRow(pool, row),
      recordReader: (peer) => recordReader(audit, peer),
    },
    log,
  });
  onStop(() => tiles.close());
  health.set(true);
  log.info({ address: server.address, tiles: tiles.address, health: health.address }, 'listening');
});
