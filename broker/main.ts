import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { PolicyFeedServiceService } from '#gen/rangkiang/audit/v1/policy_feed_service.ts';
import { ProofServiceService } from '#gen/rangkiang/audit/v1/proof_service.ts';
import { PolicyServiceService } from '#gen/rangkiang/permit/v1/policy_service.ts';
import { AppendClient } from '#mesh/append-client.ts';
import { Bell } from '#mesh/bell.ts';
import { type Channel, connect } from '#mesh/client.ts';
import { readConfig } from '#mesh/config.ts';
import { methods } from '#mesh/contract.ts';
import { startHealth } from '#mesh/health.ts';
import { permitVerifiers, verifyPemulihan } from '#mesh/izin.ts';
import { runProcess } from '#mesh/lifecycle.ts';
import { verifyLiftOrder } from '#mesh/lift-order.ts';
import { memoryFile } from '#mesh/memory-file.ts';
import { replaceFile } from '#mesh/replace-file.ts';
import { bind, shutDown } from '#mesh/server.ts';
import { pinnedKeys } from '#mesh/signing-keys.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { Trunk } from '#mesh/trunk/trunk.ts';
import type { PolicySource } from './admission.ts';
import { systemClock, systemTimer } from './clock.ts';
import { brokerSpec } from './config.ts';
import { decisionService } from './decision-service.ts';
import { buildDoor } from './door.ts';
import { Forwarder } from './forward.ts';
import { forwardToSelf } from './local.ts';
import { LogWatch } from './log-watch.ts';
import { Memory } from './memory.ts';
import { MemoryFile, nothingSeen } from './memory-file.ts';
import { OpenStreams } from './open-streams.ts';
import { OperatorDesk } from './operator/operator-desk.ts';
import { DifferenceWatch } from './policy/difference-watch.ts';
import { extendSnapshot } from './policy/extend-snapshot.ts';
import { Holding } from './policy/holding.ts';
import { readOpdCodes } from './policy/opd-codes.ts';
import { sampledDecide } from './policy/sampled-decide.ts';
import { emptySnapshot } from './policy/snapshot.ts';
import { PolicyFeed } from './policy-feed.ts';
import { PolicyHistory } from './policy-history.ts';
import { FloodGate } from './quota/flood-gate.ts';
import { QuotaHolder } from './quota/quota-holder.ts';
import { RedisCounters } from './quota/redis-counters.ts';
import { ShortTermLimits } from './quota/short-term-limits.ts';
import { BrokerRecords } from './records.ts';
import { RenewalLoop } from './renewal-loop.ts';
import type { ReadLeaf } from './replay.ts';
import type { Route } from './routes.ts';
import type { CountUse } from './simulate.ts';
import { type Extend, PolicyFault, SnapshotHolder } from './snapshot-holder.ts';

const RENEW_TIMEOUT_MS = 1_000;
/** Counting an agency's records takes the audit service at most 5 s. */
const COUNT_TIMEOUT_MS = 10_000;
/** Reading a record, or a page of the policy log. */
const READ_TIMEOUT_MS = 5_000;
/** How often the policy log and the audit log are compared for alarms. */
const LOOK_EVERY_MS = 1_000;
const DRAIN_MS = 5_000;
/** How often refusals before a decision are summed up in a record. */
const SUMMARY_MS = 5_000;
/** Where the newest head of the audit log is kept, in the broker's own directory. */
const CHECKPOINT = 'checkpoint';

await runProcess('broker', async ({ log, onStop }) => {
  const config = readConfig(brokerSpec);
  const pinned = pinnedKeys(readFileSync(config.walikotaCert, 'utf8'));

  const health = await startHealth(config.healthListen);
  onStop(() => health.close());
  const onFault = (error: unknown, path: string) => log.error({ err: error, method: path }, 'call failed');

  const logWatch: LogWatch = new LogWatch({
    follow: (request) =>
      services.audit.channel.unary(ProofServiceService.followHead, request, { timeoutMs: RENEW_TIMEOUT_MS }),
    verifier: verifierOf(readFileSync(config.logKey, 'utf8')),
    memory: {
      load: memoryFile(config.memory, CHECKPOINT).load,
      save: (text) => replaceFile(join(config.memory, CHECKPOINT), text),
    },
    timer: systemTimer,
    onBroken: () => streams.recheck(),
    log,
  });
  const appending = new AppendClient({
    address: config.audit,
    tls: config.tls,
    writer: 'broker',
    onCheckpoint: (checkpoint) => logWatch.told(checkpoint),
  });
  onStop(() => appending.close());
  const audit = logWatch.guard(appending);
  const records = new BrokerRecords(audit, () =>
    log.error({ alarm: 'RECORD_LOST' }, 'too many records wait for the audit service'),
  );

  const open = (peer: Exclude<Route, 'broker'>): { channel: Channel; forwarder: Forwarder } => {
    const channel = connect({ address: config[peer], peer, tls: config.tls });
    const trunk = new Trunk(channel);
    onStop(async () => {
      trunk.close();
      channel.close();
    });
    return { channel, forwarder: new Forwarder(channel, trunk) };
  };
  const services = { resident: open('resident'), permit: open('permit'), audit: open('audit') };

  const permit = services.permit.channel;

  const file = new MemoryFile(config.memory);
  const memory = new Memory(file, await file.load(() => (config.firstRun === 'true' ? nothingSeen : undefined)), {
    timer: systemTimer,
    onFault: (err) => log.error({ alarm: 'MEMORY_NOT_WRITTEN', err }),
  });
  onStop(() => memory.close());

  const holding = new Holding();
  const feed = new PolicyFeed({
    open: (fromIndex) => services.audit.channel.serverStream(PolicyFeedServiceService.followPolicy, { fromIndex }),
    holding,
    seenSize: memory.remembered.auditSize,
    onSize: (size) => memory.seeAudit(size),
    onWentBack: () =>
      log.error({ alarm: 'AUDIT_WENT_BACK' }, 'the audit log has lost records; this broker denies everything'),
    onRecords: () => ring(),
    monoMs: () => performance.now(),
    timer: systemTimer,
  });
  onStop(async () => feed.stop());
  const building = { verifyLift: verifyLiftOrder, verifyPemulihan, pause: nextTurn };
  const extend: Extend = async (base, changes, missing) => {
    await feed.grace(changes);
    const isRecorded = (digest: string) => holding.isRecorded(digest);
    return extendSnapshot(base, changes, permitVerifiers, { ...building, isRecorded, missing });
  };
  const empty = emptySnapshot(methods, readOpdCodes(), pinned);
  const holder = new SnapshotHolder(empty, extend, holding, memory.remembered);
  const history = new PolicyHistory({
    empty,
    read: (request) => permit.unary(PolicyServiceService.readChanges, request, { timeoutMs: READ_TIMEOUT_MS }),
    extend: (base, changes, options) => extendSnapshot(base, changes, permitVerifiers, { ...building, ...options }),
    narrowingAt: (index) => holding.narrowingAt(index),
  });
  const streams = new OpenStreams();
  const policy = new RenewalLoop({
    holder,
    clock: systemClock,
    timer: systemTimer,
    session: randomUUID(),
    renew: async (request) => {
      if (feed.wentBack) throw new PolicyFault('AUDIT_WENT_BACK');
      return permit.unary(PolicyServiceService.renew, request, { timeoutMs: RENEW_TIMEOUT_MS });
    },
    onInstalled: () => {
      streams.recheck();
      memory.seePolicy(policy.current().snapshot);
    },
    log,
  });
  const bell = new Bell(config.redisUrl, log);
  onStop(async () => bell.close());
  // Before the records are known every widening would be without one; and without the audit service nothing is answered.
  const ring = () => void feed.caughtUp.then(() => policy.ring());
  bell.on('rangkiang:policy', ring);
  onStop(() => policy.stop());

  logWatch.start();
  onStop(async () => logWatch.stop());
  // What is decided while the log is broken is decided without a lease.
  const source: PolicySource = {
    current: () => {
      const { snapshot, time } = policy.current();
      return { snapshot, time: { ...time, live: time.live && !logWatch.isBroken } };
    },
  };

  const differences = new DifferenceWatch(holding, log);
  const watching = setInterval(() => {
    const { snapshot, time } = policy.current();
    if (feed.isLive && time.live) differences.look(snapshot, performance.now());
    else differences.interrupted();
  }, LOOK_EVERY_MS);
  onStop(async () => clearInterval(watching));

  const quota = new QuotaHolder(
    {
      reserve: (request) => permit.unary(PolicyServiceService.reserveQuota, request, { timeoutMs: RENEW_TIMEOUT_MS }),
      giveBack: async (request) => {
        await permit.unary(PolicyServiceService.returnQuota, request, { timeoutMs: RENEW_TIMEOUT_MS });
      },
    },
    () => policy.current().time.latestMs,
    () => performance.now(),
  );
  onStop(() => quota.close());
  const counters = new RedisCounters(config.redisUrl, log);
  onStop(async () => counters.close());
  const limits = new ShortTermLimits({
    store: counters,
    timer: systemTimer,
    nowMs: Date.now,
    brokers: () => holder.brokers,
  });
  onStop(async () => limits.close());
  const flood = new FloodGate(() => performance.now());
  const summarise = () => {
    for (const { system, count } of flood.drain()) records.summarise(system, count);
  };
  const summary = setInterval(summarise, SUMMARY_MS);
  onStop(async () => {
    clearInterval(summary);
    summarise();
  });

  const countUse: CountUse = (request) =>
    services.audit.channel.unary(AuditServiceService.countUse, request, { timeoutMs: COUNT_TIMEOUT_MS });
  const readLeaf: ReadLeaf = async (index) => {
    const request = { index };
    const options = { timeoutMs: READ_TIMEOUT_MS };
    return (await services.audit.channel.unary(AuditServiceService.readRecord, request, options)).record?.leaf;
  };
  const answerHere = forwardToSelf(decisionService(source, countUse, { readLeaf, history }), {
    name: 'broker',
    audit,
    onFault,
  });
  const decide = sampledDecide(config.oracleOneIn, () => log.error({ alarm: 'ORACLE_DIFFERS' }, 'decision withdrawn'));
  const server = buildDoor(
    {
      policy: source,
      decide,
      operators: new OperatorDesk(config.pseudonymKey),
      flood,
      limits,
      quota,
      records,
      streams,
      traceRatio: config.traceRatio,
      onFault,
    },
    {
      unary: (route, body, onward) =>
        route === 'broker' ? answerHere(body, onward) : services[route].forwarder.unary(body, onward),
      stream: (route) => {
        if (route === 'broker') throw new Error('the broker answers no streams itself');
        return services[route].forwarder;
      },
    },
  );
  feed.start();
  ring();
  const listening = await bind(server, config.listen, config.tls);
  onStop(() => shutDown(server, DRAIN_MS));
  log.info({ address: listening, health: health.address }, 'listening');
  // Whoever spreads calls over brokers leaves out one that can only deny. Later, without a lease, it says so in words.
  void policy.leased.then(() => health.set(true));
});
