import { readFileSync } from 'node:fs';
import { Bell } from '#mesh/bell.ts';
import { connect } from '#mesh/client.ts';
import { readConfig } from '#mesh/config.ts';
import { startHealth } from '#mesh/health.ts';
import { runProcess } from '#mesh/lifecycle.ts';
import { startServer } from '#mesh/server.ts';
import { migrate, openPipeline, openPool } from '#mesh/sql.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { Tree } from '#mesh/tlog/tree.ts';
import { adoptSigned } from './adopt-signed.ts';
import { watchForAlerts } from './alert-watch.ts';
import { allow } from './allow.ts';
import { postgresCommitter } from './committer.ts';
import { auditSpec } from './config.ts';
import { CommitQueue } from './domain/commit-queue.ts';
import { HeadKeeper, LogBroken } from './domain/head-keeper.ts';
import { LogPages } from './domain/log-pages.ts';
import { LogTail } from './domain/log-tail.ts';
import { LogWriter } from './domain/log-writer.ts';
import { ownAppender } from './domain/own-appender.ts';
import { meshSigner } from './mesh-signer.ts';
import { openSealing } from './open-sealing.ts';
import { alertService, auditService, emergencyUseService, policyFeedService, subjectService } from './service.ts';
import { alertReader } from './store/alert-records.ts';
import { logReader } from './store/read-records.ts';
import { readTile } from './store/read-tree.ts';

const READ_CONNECTIONS = 4;
const BELL = 'rangkiang:audit';
// A watch is at most this far behind while the log grows, and this far when the bell is lost.
const NEWS_EVERY_MS = 25;
const POLICY_BELL = 'rangkiang:audit:policy';
const LOOK_EVERY_MS = 1_000;
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
  const pool = openPool(config.databaseUrl, { max: READ_CONNECTIONS });
  onStop(() => pool.end());
  await migrate(pool, new URL('./migrations/', import.meta.url));
  const pipeline = openPipeline(withQueryTimeout(config.databaseUrl, COMMIT_TIMEOUT_MS));
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
  const heads = new HeadKeeper({
    signer: meshSigner(signer),
    verifier: verifierOf(readFileSync(config.logKey, 'utf8')),
    tail,
    size: reader.size,
    tree: (size) => new Tree(size, (tile) => readTile(pool, tile)),
    log,
  });
  await adoptSigned(heads, log);

  const sealing = await openSealing(pool, config.sealKeys, log);
  const queue = new CommitQueue(postgresCommitter(pipeline, tail, policyTail, sealing, log));
  onStop(() => queue.close());
  const writer = new LogWriter(queue, sealing.sealer);
  const audit = ownAppender(writer);
  const stopping = new AbortController();
  // A log that is not the one that was signed ends the process: an older copy must not go on.
  const signing = heads.run(stopping.signal).catch((err: unknown) => {
    log.fatal(
      { err, alarm: err instanceof LogBroken ? err.alarm : undefined },
      'the log is not the one that was signed',
    );
    process.exit(1);
  });
  onStop(() => signing);
  const pages = new LogPages(reader.oldest);
  const parts = {
    reader,
    alerts: alertReader(pool),
    pages,
    writer,
    sealing,
    heads,
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
    ],
    audit,
    onFault: (error, path) => log.error({ err: error, method: path }, 'call failed'),
  });
  onStop(() => server.drain(DRAIN_MS));
  onStop(async () => stopping.abort());
  const alertPool = openPool(config.databaseUrl, { max: 1 });
  onStop(() => alertPool.end());
  onStop(watchForAlerts({ pool: alertPool, pages, tail, audit, log }));
  health.set(true);
  log.info({ address: server.address, health: health.address }, 'listening');
});
