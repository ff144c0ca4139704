import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Authority, openAuthority } from '../cli/ca/authority.ts';
import { meshId } from '../mesh/spiffe.ts';
import type { TlsFiles } from '../mesh/tls.ts';
import { CheckAccessRequest, CheckAccessResponse } from '../proto/gen/rangkiang/broker/v1/decision.ts';
import { DecisionServiceService } from '../proto/gen/rangkiang/broker/v1/decision_service.ts';
import { processCpuMs } from './cpu.ts';
import { Generator } from './load/client.ts';
import type { Target } from './load/connection.ts';
import type { Run } from './load/generator.ts';
import { callOnce } from './peers/call-once.ts';
import { compareInProcess } from './peers/cedar.ts';
import { checkResourcesPath, checkResourcesRequest, checkResourcesVerdicts, startCerbos } from './peers/cerbos.ts';
import type { DecisionPointOrder } from './peers/decision-point.ts';
import { installPeers, type Peers } from './peers/packages.ts';
import { callsOf, type PeerQuestion, questionsOf } from './peers/questions.ts';
import type { BenchOptions, Finding, Report } from './report.ts';
import { makeRules, type Size } from './rules.ts';
import { median } from './statistics.ts';

// The row "decisions over gRPC against Cerbos": the same rules, the same questions, the same certificates and the same load
// generator, in rounds that take turns. And decide() against Cedar, both in this process.

const CONNECTIONS = 4;
const IN_FLIGHT = 32;
const WARM_UP_SECONDS = 2;
/** Cerbos takes at most 50 resources in a call by default. */
const questionsPerCall = [1, 50];
/** 49 OPD with 20 rules each, and 1,000 with 50. */
const sizes: readonly Size[] = [
  { opds: 49, units: 5, methods: 4 },
  { opds: 1_000, units: 25, methods: 2 },
];

/** One of the two that answer over gRPC. */
interface Side {
  readonly address: string;
  readonly pid: number;
  readonly path: string;
  readonly metadata: Target['metadata'];
  encode(questions: readonly PeerQuestion[]): Buffer;
  decode(answer: Buffer): boolean[];
  close(): Promise<void>;
}

async function startOurs(size: Size, tls: TlsFiles): Promise<Side> {
  const child = fork(new URL('peers/decision-point.ts', import.meta.url));
  const order: DecisionPointOrder = { size, tls };
  child.send(order);
  const ended = once(child, 'exit');
  const [address] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('the decision point did not start'))),
  ])) as [string];
  return {
    address,
    pid: child.pid ?? 0,
    path: DecisionServiceService.checkAccess.path,
    metadata: [['rangkiang-purpose', 'PERIZINAN']],
    encode: (questions) => {
      const asked = questions.map(({ unit, method, purpose }) => ({ unit, method, purpose, permit: '' }));
      return CheckAccessRequest.encode({ questions: asked }).finish();
    },
    decode: (answer) => CheckAccessResponse.decode(answer).verdicts.map(({ allowed }) => allowed),
    close: async () => {
      child.disconnect();
      await ended;
    },
  };
}

async function startTheirs(peers: Peers, dir: string, size: Size, tls: TlsFiles): Promise<Side> {
  const cerbos = await startCerbos(peers.cerbos, dir, makeRules(size), tls);
  return {
    ...cerbos,
    path: checkResourcesPath,
    metadata: [],
    encode: checkResourcesRequest,
    decode: checkResourcesVerdicts,
  };
}

/** One round: what the generator saw, and the CPU time that the server used. */
interface Round extends Run {
  readonly serverCpuMs: number;
}
interface Pair {
  readonly our: Round;
  readonly their: Round;
}

async function measure(generator: Generator, pid: number, seconds: number): Promise<Round> {
  const beforeMs = processCpuMs(pid);
  const run = await generator.run(IN_FLIGHT, seconds);
  return { ...run, serverCpuMs: processCpuMs(pid) - beforeMs };
}

/** Measures everybody. Rejects when a peer cannot be installed or answers wrongly. */
export async function run(options: BenchOptions): Promise<Report> {
  options.say('installing Cerbos and Cedar into a temporary folder');
  const peers = await installPeers();
  try {
    const authority = await openAuthority(peers.dir);
    const findings: Finding[] = [];
    for (const [index, size] of sizes.entries()) {
      findings.push(...(await compareSize(peers, authority, join(peers.dir, `size-${index}`), size, options)));
    }
    return {
      bench: `decisions, against ${peers.versions.cerbos} and ${peers.versions.cedar}`,
      findings,
      notes: [
        `Medians of ${options.rounds} pairs of rounds of ${options.seconds} s; over gRPC with mTLS, ${CONNECTIONS} connections, ${IN_FLIGHT} calls in flight, one process each.`,
        'Ours is the door of a broker with CheckAccess, without the durable record that it writes in a mesh: Cerbos keeps none.',
        'Cerbos has one resource policy for each OPD and Cedar one policy set, parsed before; a fifth of the questions is denied.',
        'Every first answer was compared with the rules. The memo of decide() is warm, as it is after the first call of its kind.',
      ],
    };
  } finally {
    await peers.remove();
  }
}

async function compareSize(
  peers: Peers,
  authority: Authority,
  dir: string,
  size: Size,
  options: BenchOptions,
): Promise<Finding[]> {
  const set = makeRules(size);
  const opds = set.opds.slice(0, CONNECTIONS);
  const label = `${size.opds.toLocaleString('en')} x ${size.units * size.methods} rules`;
  options.say(`${label}: starting both`);
  const server = await authority.keep(join(peers.dir, 'server'), meshId('broker'));
  const ours = await startOurs(size, server);
  const theirs = await startTheirs(peers, dir, size, server).catch(async (error: unknown) => {
    await ours.close();
    throw error;
  });
  const findings: Finding[] = [];
  try {
    for (const perCall of questionsPerCall) {
      const what = `${label}, ${perCall} a call`;
      const targets = async (side: Side) =>
        Promise.all(
          opds.map(async (opd) => targetOf(side, opd, callsOf(questionsOf(set, opd), perCall), authority, peers.dir)),
        );
      const [our, their] = [await targets(ours), await targets(theirs)];
      const generators = { our: await Generator.start(our), their: await Generator.start(their) };
      await generators.our.run(IN_FLIGHT, WARM_UP_SECONDS);
      await generators.their.run(IN_FLIGHT, WARM_UP_SECONDS);
      const pairs: Pair[] = [];
      for (let pair = 1; pair <= options.rounds; pair++) {
        pairs.push({
          our: await measure(generators.our, ours.pid, options.seconds),
          their: await measure(generators.their, theirs.pid, options.seconds),
        });
      }
      generators.our.close();
      generators.their.close();
      findings.push(...findingsOf(what, perCall, pairs));
      options.say(`${what}: done`);
    }
  } finally {
    await ours.close();
    await theirs.close();
  }
  const { ours: own, cedar } = await compareInProcess(set, opds, options.seconds, peers.cedar);
  return [
    ...findings,
    { what: `${label}, in process: decide() / Cedar`, measured: own.perSecond / cedar.perSecond, unit: '' },
    { what: `${label}, in process: decide()`, measured: own.perSecond, unit: 'decisions/s' },
    { what: `${label}, in process: Cedar`, measured: cedar.perSecond, unit: 'decisions/s' },
    { what: `${label}, in process: decide(), p99`, measured: own.p99Us, unit: 'us' },
    { what: `${label}, in process: Cedar, p99`, measured: cedar.p99Us, unit: 'us' },
  ];
}

/** A connection of one OPD's system; asks once, and throws when the answer is not what the rules say. */
async function targetOf(
  side: Side,
  opd: string,
  calls: readonly PeerQuestion[][],
  authority: Authority,
  dir: string,
): Promise<Target> {
  const id = `spiffe://padang.go.id/opd/${opd}/unit/UNIT-0/sistem/simpus`;
  const files = await authority.keep(join(dir, opd), id);
  const read = (file: string) => readFileSync(file, 'utf8');
  const target: Target = {
    address: side.address,
    peer: meshId('broker'),
    tls: { ca: read(files.ca), cert: read(files.cert), key: read(files.key) },
    path: side.path,
    metadata: side.metadata,
    bodies: calls.map((questions) => side.encode(questions).toString('base64')),
  };
  for (const [index, questions] of calls.entries()) {
    const verdicts = side.decode(await callOnce(target, index));
    const expected = questions.map(({ allowed }) => allowed);
    if (verdicts.join() !== expected.join()) throw new Error(`${side.path} answered ${verdicts}, not ${expected}`);
  }
  return target;
}

function findingsOf(what: string, perCall: number, pairs: readonly Pair[]): Finding[] {
  const of = (figure: (pair: Pair) => number) => median(pairs.map(figure));
  const perSecond = ({ answers, elapsedMs }: Run) => (answers * perCall * 1000) / elapsedMs;
  const cpuUs = ({ answers, serverCpuMs }: Round) => (serverCpuMs * 1000) / (answers * perCall);
  return [
    {
      what: `${what}: ours / Cerbos`,
      measured: of(({ our, their }) => perSecond(our) / perSecond(their)),
      unit: '',
      budget: { least: 4 },
    },
    {
      what: `${what}: our p99 / Cerbos' p99`,
      measured: of(({ our, their }) => our.p99Ms / their.p99Ms),
      unit: '',
      budget: { most: 1 },
    },
    { what: `${what}: ours`, measured: of(({ our }) => perSecond(our)), unit: 'decisions/s' },
    { what: `${what}: Cerbos`, measured: of(({ their }) => perSecond(their)), unit: 'decisions/s' },
    { what: `${what}: our p99`, measured: of(({ our }) => our.p99Ms), unit: 'ms' },
    { what: `${what}: Cerbos' p99`, measured: of(({ their }) => their.p99Ms), unit: 'ms' },
    { what: `${what}: our CPU for a decision`, measured: of(({ our }) => cpuUs(our)), unit: 'us' },
    { what: `${what}: Cerbos' CPU for a decision`, measured: of(({ their }) => cpuUs(their)), unit: 'us' },
    {
      what: `${what}: generator, busiest`,
      measured: of(({ our, their }) => Math.max(our.cpuMs / our.elapsedMs, their.cpuMs / their.elapsedMs)),
      unit: 'cores',
    },
  ];
}
