import { meshId } from '../mesh/spiffe.ts';
import { machineBusyMs, processCpuMs } from './cpu.ts';
import { startEcho } from './echo/client.ts';
import { Generator } from './load/client.ts';
import type { Run } from './load/generator.ts';
import { type BenchMesh, startBenchMesh } from './mesh.ts';
import { type CpuReading, meshCpu, total, used } from './mesh-cpu.ts';
import { startOtlpSink } from './otlp-sink.ts';
import type { BenchOptions, Finding, Report } from './report.ts';
import { median } from './statistics.ts';

// The rows "full path against the bare echo", 128 and 32 in flight, and "CPU per call". GetResident as a Puskesmas, through
// one broker: mTLS, Casbin, quota, traces of 1 % of the calls exported, Postgres read, durable record. The bare echo has the
// same certificates, the same requests and answers of the same size. Rounds of the two take turns, so that both see the same
// machine, and each pair of neighbours gives one ratio. Where other programs take more than a fifth of a core, nothing counts.

const CALLERS = 4;
// Until the compiler has seen enough calls: the full path rises for about so long.
const WARM_UP_SECONDS = 10;
const MESSAGE_PREFIX_BYTES = 5;
const loads = [
  { inFlight: 128, least: 0.5 },
  { inFlight: 32, least: 0.3 },
];

/** One round: what the generator saw, and the CPU time that the servers used. */
interface Round {
  readonly run: Run;
  readonly cpu: CpuReading;
  /** Cores that programs which are not measured took meanwhile. */
  readonly otherCores: number;
}

/** One side of the comparison. */
interface Side {
  readonly generator: Generator;
  readonly readCpu: () => CpuReading;
}

const callsPerSecond = ({ run }: Round) => (run.answers / run.elapsedMs) * 1000;
const generatorShare = ({ run }: Round) => run.cpuMs / run.elapsedMs;

/** Measures the whole mesh against the bare echo. */
export async function run(options: BenchOptions): Promise<Report> {
  const sink = await startOtlpSink();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = sink.url;
  const bench = await startBenchMesh(CALLERS, options.say);
  try {
    const report = await compare(bench, options);
    const traces = `${Math.round(sink.traceBytes() / 1024).toLocaleString('en')} KiB of traces were exported meanwhile.`;
    return { ...report, notes: [...report.notes, traces] };
  } finally {
    await bench.mesh.stop();
    sink.close();
  }
}

async function compare({ mesh, targets }: BenchMesh, options: BenchOptions): Promise<Report> {
  const [target] = targets;
  if (target === undefined) throw new Error('nobody calls');
  const full: Side = { generator: await Generator.start(targets), readCpu: await meshCpu(mesh) };
  options.say('warming up');
  const { dataBytes } = await full.generator.run(128, WARM_UP_SECONDS);

  const broker = mesh.layout.mesh('broker');
  const tls = { ca: mesh.layout.ca, cert: `${broker}.crt`, key: `${broker}.key` };
  const echo = await startEcho(target.path, Math.round(dataBytes) - MESSAGE_PREFIX_BYTES, tls);
  const echoTargets = targets.map((each) => ({ ...each, address: echo.address, peer: meshId('broker') }));
  const bare: Side = {
    generator: await Generator.start(echoTargets),
    readCpu: () => ({ echo: processCpuMs(echo.pid) }),
  };
  await bare.generator.run(128, WARM_UP_SECONDS);

  const findings: Finding[] = [];
  for (const { inFlight, least } of loads) {
    const pairs: { bare: Round; full: Round }[] = [];
    for (let pair = 1; pair <= options.rounds; pair++) {
      const rounds = {
        bare: await measure(bare, inFlight, options.seconds),
        full: await measure(full, inFlight, options.seconds),
      };
      pairs.push(rounds);
      const [echoed, answered] = [rounds.bare, rounds.full].map((round) => Math.round(callsPerSecond(round)));
      options.say(`${inFlight} in flight, pair ${pair}: echo ${echoed}/s, full path ${answered}/s`);
    }
    findings.push(...findingsOf(pairs, inFlight, least));
  }
  full.generator.close();
  bare.generator.close();
  echo.close();
  return {
    bench: 'full path against bare echo',
    findings,
    notes: [
      `Medians of ${options.rounds} pairs of rounds of ${options.seconds} s; ${CALLERS} connections to one broker, a second broker idle.`,
      `Answers of ${Math.round(dataBytes) - MESSAGE_PREFIX_BYTES} bytes on average. Every answer was checked for grpc-status 0.`,
    ],
  };
}

async function measure({ generator, readCpu }: Side, inFlight: number, seconds: number): Promise<Round> {
  const [before, busyBeforeMs] = [readCpu(), machineBusyMs()];
  const run = await generator.run(inFlight, seconds);
  const [cpu, busyMs] = [used(before, readCpu()), machineBusyMs() - busyBeforeMs];
  const oursMs = Object.values(cpu).reduce((sum, ms) => sum + ms, run.cpuMs);
  return { run, cpu, otherCores: Math.max(0, busyMs - oursMs) / run.elapsedMs };
}

/** Microseconds of CPU for each answer of some rounds, by process. */
function cpuPerCallUs(rounds: readonly Round[]): [name: string, us: number][] {
  const answers = rounds.reduce((sum, { run }) => sum + run.answers, 0);
  return Object.entries(total(rounds.map(({ cpu }) => cpu))).map(([name, ms]) => [name, (ms * 1000) / answers]);
}

function findingsOf(pairs: readonly { bare: Round; full: Round }[], inFlight: number, least: number): Finding[] {
  const [bares, fulls] = [pairs.map(({ bare }) => bare), pairs.map(({ full }) => full)];
  const of = (rounds: readonly Round[], figure: (round: Round) => number) => median(rounds.map(figure));
  const load = `${inFlight} in flight:`;
  const [[, echoUs] = ['', Number.NaN]] = cpuPerCallUs(bares);
  const processes = cpuPerCallUs(fulls);
  const sumUs = processes.reduce((sum, [, us]) => sum + us, 0);
  return [
    {
      what: `${load} full path / bare echo`,
      measured: median(pairs.map(({ bare, full }) => callsPerSecond(full) / callsPerSecond(bare))),
      unit: '',
      budget: { least },
    },
    { what: `${load} bare echo`, measured: of(bares, callsPerSecond), unit: 'calls/s' },
    { what: `${load} full path`, measured: of(fulls, callsPerSecond), unit: 'calls/s' },
    { what: `${load} full path, median`, measured: of(fulls, ({ run }) => run.p50Ms), unit: 'ms' },
    { what: `${load} full path, p99`, measured: of(fulls, ({ run }) => run.p99Ms), unit: 'ms' },
    { what: `${load} CPU per call, all processes`, measured: sumUs / echoUs, unit: 'echoes', budget: { most: 3.5 } },
    { what: `${load} CPU per call, bare echo`, measured: echoUs, unit: 'us' },
    ...processes.map(([name, us]) => ({ what: `${load} CPU per call, ${name}`, measured: us, unit: 'us' })),
    {
      what: `${load} generator with the bare echo`,
      measured: of(bares, generatorShare),
      unit: 'cores',
      budget: { most: 0.5 },
    },
    { what: `${load} generator with the full path`, measured: of(fulls, generatorShare), unit: 'cores' },
    {
      what: `${load} other programs`,
      measured: of([...bares, ...fulls], ({ otherCores }) => otherCores),
      unit: 'cores',
      budget: { most: 0.2 },
    },
  ];
}
