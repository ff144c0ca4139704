import { Histogram } from '../statistics.ts';
import { LoadConnection, type Target } from './connection.ts';

// The load generator's own process, so that its CPU is counted apart and its event loop is its own.
// It takes orders from its parent over the IPC channel and answers each with one message.

/** An order: connect once to each target, then run as often as wanted. */
export type Order = { connect: readonly Target[] } | { inFlight: number; seconds: number };

/** What one run measured; `failures` counts answers by gRPC status code, -1 for broken streams. */
export interface Run {
  answers: number;
  failures: Record<number, number>;
  elapsedMs: number;
  /** CPU time of the generator. */
  cpuMs: number;
  p50Ms: number;
  p99Ms: number;
  /** DATA bytes of an answer (its message with the prefix of 5 bytes), on average. */
  dataBytes: number;
}

interface Tally {
  answers: number;
  failures: Record<number, number>;
  bytes: number;
  durations: Histogram;
}

const emptyTally = (): Tally => ({ answers: 0, failures: {}, bytes: 0, durations: new Histogram() });
let tally = emptyTally();
let connections: LoadConnection[] = [];

function onAnswer(status: number, durationMs: number, dataBytes: number): void {
  if (status === 0) tally.answers++;
  else tally.failures[status] = (tally.failures[status] ?? 0) + 1;
  tally.bytes += dataBytes;
  tally.durations.add(durationMs);
}

function onBroken(error: Error): void {
  process.stderr.write(`load generator: ${error.message}\n`);
  process.exit(1);
}

async function run(inFlight: number, seconds: number): Promise<Run> {
  tally = emptyTally();
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  for (const connection of connections) connection.load(inFlight / connections.length);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  await Promise.all(connections.map((connection) => connection.drain()));
  const cpu = process.cpuUsage(cpuBefore);
  return {
    answers: tally.answers,
    failures: tally.failures,
    elapsedMs: performance.now() - startMs,
    cpuMs: (cpu.user + cpu.system) / 1000,
    p50Ms: tally.durations.quantile(0.5),
    p99Ms: tally.durations.quantile(0.99),
    dataBytes: tally.bytes / tally.answers,
  };
}

async function obey(order: Order): Promise<Run | 'connected'> {
  if ('inFlight' in order) return run(order.inFlight, order.seconds);
  connections = await Promise.all(order.connect.map((target) => LoadConnection.open(target, onAnswer, onBroken)));
  return 'connected';
}

process.on('message', (order: Order) => {
  obey(order).then((result) => process.send?.(result), onBroken);
});
process.on('disconnect', () => process.exit(0));
